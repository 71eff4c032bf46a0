import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { figuresTexts } from "../../../texts/figures";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { Loading } from "../../../ui/states";
import { download, toCsv } from "../parts/csv";
import { DepartmentChoice } from "../parts/DepartmentChoice";
import { PageHead, ReadError, Tile } from "../parts/Page";
import { PeriodChoice, periodOf, type PeriodId } from "../parts/Period";
import { useAct } from "../parts/useAct";
import { useNumbers } from "../parts/useNumbers";
import { LevelShares, Throughput, Waits } from "./StatisticsCharts";
import { statisticsTable } from "./table";

type Insights = Schemas["Insights"];

/**
 * How the queues went in a period, and what a machine makes of it. The figures come by themselves; the text is asked
 * for, since each report costs a call.
 */
export default function Reports() {
  const t = useTexts(figuresTexts);
  const admin = useTexts(adminTexts);
  const times = useTimes();
  const [period, setPeriod] = useState<PeriodId>("hours_24");
  const [department, setDepartment] = useState<string | null>(null);
  const [insights, setInsights] = useState<Insights | null>(null);
  const act = useAct<Insights>();
  const place = department === null ? {} : { department_id: department };
  const figures = useQuery({
    queryKey: ["insights", period, department],
    queryFn: () =>
      answer(api.POST("/api/v1/admin/insights", { body: { ...periodOf(period), ...place, report: false } })),
  });
  // A report stands with the very figures that it was made of.
  const statistics = insights?.statistics ?? figures.data?.statistics;

  async function make(): Promise<void> {
    const body = { ...periodOf(period), ...place };
    const done = await act.run({ method: "POST", path: "/api/v1/admin/insights", body });
    if (done !== null) setInsights(done.value);
  }

  return (
    <>
      <PageHead title={admin("nav_reports")} lead={t("reports_lead")} />
      <div className="admin-toolbar">
        <PeriodChoice
          value={period}
          onChange={(next) => {
            setPeriod(next);
            setInsights(null);
          }}
        />
        <DepartmentChoice
          value={department}
          onChange={(next) => {
            setDepartment(next);
            setInsights(null);
          }}
        />
        <Button kind="primary" isBusy={act.isPending} onClick={() => void make()}>
          {t("make_report")}
        </Button>
        {statistics !== undefined && (
          <Button
            onClick={() => {
              const { head, rows } = statisticsTable(statistics);
              download("medique-report.csv", toCsv(head, rows));
            }}
          >
            {admin("csv")}
          </Button>
        )}
      </div>
      <ErrorText error={act.error} />
      <ReadError error={figures.error} again={() => void figures.refetch()} />
      {statistics === undefined && figures.isPending && <Loading />}
      {statistics !== undefined && (
        <>
          <p className="muted">
            {t("period_from_to", {
              from: times.dateTime(statistics.from),
              to: times.dateTime(statistics.to),
            })}
          </p>
          <Totals figures={statistics.total} />
          {insights === null ? (
            <p className="muted small">{t("no_report_text")}</p>
          ) : (
            <Machine insights={insights} />
          )}
          <div className="admin-charts">
            <Waits statistics={statistics} />
            <Throughput statistics={statistics} />
            <LevelShares statistics={statistics} />
          </div>
        </>
      )}
    </>
  );
}

function Totals({ figures }: { figures: Schemas["QueueFigures"] }) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  const breached = figures.targets_breached_share ?? 0;
  return (
    <dl className="admin-tiles">
      <Tile label={t("stays")} value={numbers.whole(figures.stays)} />
      <Tile
        label={t("completed")}
        value={numbers.whole(figures.completed)}
        detail={t("per_hour", { value: numbers.tenth(figures.completed_per_hour) })}
      />
      <Tile label={t("wait_p50")} value={numbers.tenth(figures.wait_p50_minutes)} detail={t("in_minutes")} />
      <Tile label={t("wait_p95")} value={numbers.tenth(figures.wait_p95_minutes)} detail={t("in_minutes")} />
      <Tile
        label={t("past_target")}
        value={numbers.percent(figures.targets_breached_share)}
        {...(breached > 0.2 ? { tone: "danger" } : {})}
      />
      <Tile
        label={t("left_unseen")}
        value={numbers.percent(figures.left_unseen_share)}
        detail={numbers.whole(figures.left_unseen)}
      />
    </dl>
  );
}

function Machine({ insights }: { insights: Insights }) {
  const t = useTexts(figuresTexts);
  const isMachine = insights.report_source.startsWith("ai:");
  return (
    <section className="card stack tight" aria-label={t("ai_title")}>
      <div className="row">
        <h2>{t("ai_title")}</h2>
        {isMachine && (
          <span className="badge" data-tone="calm">
            {t("ai_badge", { model: insights.report_source.slice(3) })}
          </span>
        )}
      </div>
      {isMachine ? (
        <>
          <p className="notice" data-tone="warn">
            {t("ai_warning")}
          </p>
          <p className="admin-machine" dir="auto">
            {insights.report}
          </p>
        </>
      ) : (
        <>
          <p>{t("ai_none")}</p>
          <p className="muted small" dir="auto" lang="en">
            {insights.note}
          </p>
        </>
      )}
    </section>
  );
}
