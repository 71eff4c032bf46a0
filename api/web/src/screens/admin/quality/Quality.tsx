import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { figuresTexts } from "../../../texts/figures";
import { Button } from "../../../ui/Button";
import { Select } from "../../../ui/staff/Select";
import { Empty, Loading } from "../../../ui/states";
import { Bars } from "../charts/Bars";
import { Columns } from "../charts/Columns";
import { Figure } from "../charts/Figure";
import { download, toCsv } from "../parts/csv";
import { DepartmentChoice } from "../parts/DepartmentChoice";
import { PageHead, ReadError, Tile } from "../parts/Page";
import { PeriodChoice, periodOf, type PeriodId } from "../parts/Period";
import { useNumbers } from "../parts/useNumbers";
import { Adviser } from "./Adviser";
import { qualityTable } from "./table";

export type QualityView = Schemas["TriageQuality"];
type Figures = Schemas["Figures"];

/** How good the adviser is, and its switch. */
export default function Quality() {
  const t = useTexts(figuresTexts);
  const admin = useTexts(adminTexts);
  const client = useQueryClient();
  const [period, setPeriod] = useState<PeriodId>("days_30");
  const [department, setDepartment] = useState<string | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const key = ["triage-quality", period, department, model];
  const quality = useQuery({
    queryKey: key,
    queryFn: () => {
      const only = {
        ...(department === null ? {} : { department_id: department }),
        ...(model === null ? {} : { model }),
      };
      return answer(
        api.GET("/api/v1/admin/triage/quality", { params: { query: { ...periodOf(period), ...only } } }),
      );
    },
    placeholderData: (before) => before,
  });
  const data = quality.data;
  return (
    <>
      <PageHead title={admin("nav_quality")} lead={t("quality_lead")}>
        {data !== undefined && (
          <Button
            onClick={() => {
              const { head, rows } = qualityTable(data);
              download("medique-triage-quality.csv", toCsv(head, rows));
            }}
          >
            {admin("csv")}
          </Button>
        )}
      </PageHead>
      {data !== undefined && (
        <Adviser
          adviser={data.adviser}
          onSwitched={() => void client.invalidateQueries({ queryKey: ["triage-quality"] })}
        />
      )}
      <div className="admin-toolbar">
        <PeriodChoice value={period} onChange={setPeriod} />
        <DepartmentChoice value={department} onChange={setDepartment} />
        <Select
          label={t("model")}
          value={model ?? "all"}
          options={[
            { id: "all", label: t("every_model") },
            ...models(data, model).map((id) => ({ id, label: id })),
          ]}
          onChange={(id) => setModel(id === "all" ? null : id)}
        />
      </div>
      <ReadError error={quality.error} again={() => void quality.refetch()} />
      {quality.isPending && <Loading />}
      {data !== undefined &&
        (data.total.suggested + data.total.failed === 0 ? (
          <Empty title={t("no_advice")}>{t("no_advice_text")}</Empty>
        ) : (
          <>
            <Totals figures={data.total} />
            <div className="admin-charts">
              <Agreement figures={data.total} />
              <Days quality={data} />
              <Failures figures={data.total} />
              <Models quality={data} />
            </div>
          </>
        ))}
    </>
  );
}

function models(data: QualityView | undefined, chosen: string | null): string[] {
  const known = data?.models.map((one) => one.model) ?? [];
  return chosen === null || known.includes(chosen) ? known : [...known, chosen];
}

function Totals({ figures }: { figures: Figures }) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  const under = figures.clinicians.under_triage ?? 0;
  return (
    <dl className="admin-tiles">
      <Tile label={t("suggested")} value={numbers.whole(figures.suggested)} />
      <Tile
        label={t("agreement")}
        value={numbers.percent(figures.clinicians.agreement)}
        detail={t("compared", { count: figures.clinicians.compared })}
      />
      <Tile
        label={t("under_triage")}
        value={numbers.percent(figures.clinicians.under_triage)}
        detail={t("under_triage_detail")}
        {...(under > 0.05 ? { tone: "danger" } : {})}
      />
      <Tile
        label={t("over_triage")}
        value={numbers.percent(figures.clinicians.over_triage)}
        detail={t("over_triage_detail")}
      />
      <Tile label={t("raised")} value={numbers.whole(figures.raised)} />
      <Tile label={t("overridden")} value={numbers.percent(figures.override_rate)} />
      <Tile label={t("floor_overridden")} value={numbers.percent(figures.floor_override_rate)} />
      <Tile label={t("failed")} value={numbers.whole(figures.failed)} />
      <Tile
        label={t("latency_p95")}
        value={figures.latency_p95_ms === undefined ? "–" : numbers.tenth(figures.latency_p95_ms / 1000)}
        detail={t("in_seconds")}
      />
    </dl>
  );
}

const PARTS = [
  { id: "under_triaged", colour: "1" },
  { id: "agreed", colour: "4" },
  { id: "over_triaged", colour: "5" },
] as const;

function Agreement({ figures }: { figures: Figures }) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  const lines = [
    { name: t("against_after"), of: figures.clinicians },
    { name: t("against_before"), of: figures.independent },
  ];
  return (
    <Figure
      title={t("against_clinicians")}
      detail={t("against_clinicians_detail")}
      head={["", ...PARTS.map((part) => t(part.id)), t("compared_head")]}
      rows={lines.map((line) => [
        line.name,
        ...PARTS.map((part) => numbers.whole(line.of[part.id])),
        numbers.whole(line.of.compared),
      ])}
      legend={PARTS.map((part) => ({ name: t(part.id), colour: part.colour }))}
    >
      <Bars
        bars={lines.map((line) => ({
          id: line.name,
          label: line.name,
          figure: numbers.percent(line.of.agreement),
          segments: PARTS.map((part) => ({ colour: part.colour, name: t(part.id), value: line.of[part.id] })),
        }))}
      />
    </Figure>
  );
}

function Days({ quality }: { quality: QualityView }) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  const labels = quality.days.map((one) => one.day.slice(5));
  const series = [
    {
      name: t("agreement"),
      colour: "4",
      values: quality.days.map((one) => one.figures.clinicians.agreement ?? null),
    },
    {
      name: t("under_triage"),
      colour: "1",
      values: quality.days.map((one) => one.figures.clinicians.under_triage ?? null),
    },
  ];
  return (
    <Figure
      title={t("by_day")}
      head={[t("day"), t("suggested"), t("agreement"), t("under_triage"), t("over_triage")]}
      rows={quality.days.map(({ day, figures }) => [
        day,
        numbers.whole(figures.suggested),
        numbers.percent(figures.clinicians.agreement),
        numbers.percent(figures.clinicians.under_triage),
        numbers.percent(figures.clinicians.over_triage),
      ])}
      legend={series}
    >
      <Columns labels={labels} series={series} isLine format={(value) => numbers.percent(value)} />
    </Figure>
  );
}

function Failures({ figures }: { figures: Figures }) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  const lines = figures.failures.filter((one) => one.count > 0);
  return (
    <Figure
      title={t("failures")}
      head={[t("kind"), t("count")]}
      rows={lines.map((one) => [t(`failure_${one.kind}`), numbers.whole(one.count)])}
    >
      {lines.length === 0 ? (
        <p className="empty">{t("no_failures")}</p>
      ) : (
        <Bars
          bars={lines.map((one) => ({
            id: one.kind,
            label: t(`failure_${one.kind}`),
            figure: numbers.whole(one.count),
            segments: [{ colour: "danger", name: t("count"), value: one.count }],
          }))}
        />
      )}
    </Figure>
  );
}

function Models({ quality }: { quality: QualityView }) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  return (
    <Figure
      title={t("by_model")}
      head={[t("model"), t("suggested"), t("agreement"), t("under_triage"), t("latency_p95")]}
      rows={quality.models.map(({ model, figures }) => [
        model,
        numbers.whole(figures.suggested),
        numbers.percent(figures.clinicians.agreement),
        numbers.percent(figures.clinicians.under_triage),
        numbers.tenth((figures.latency_p95_ms ?? 0) / 1000),
      ])}
    >
      <Bars
        bars={quality.models.map(({ model, figures }) => ({
          id: model,
          label: model,
          figure: numbers.whole(figures.suggested),
          segments: PARTS.map((part) => ({
            colour: part.colour,
            name: t(part.id),
            value: figures.clinicians[part.id],
          })),
        }))}
      />
    </Figure>
  );
}
