import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf, type ApiError } from "../../api/problem";
import type { Department } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { commonTexts } from "../../texts/common";
import { minutesSince, useNow } from "../../time/times";
import { LiveBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import type { PartProps } from "./Admin";
import { Figures } from "./Figures";
import { useOverview, type LiveVisit } from "./useOverview";

const LEVELS = [1, 2, 3, 4, 5] as const;

/** Every department as it is now, and what the last day was like. */
export function Overview({ departments }: PartProps) {
  const t = useTexts(adminTexts);
  const now = useNow(10_000);
  const live = useOverview(departments.map((one) => one.department_id));
  return (
    <>
      <div className="admin-cards">
        {departments.map((one) => {
          const here = live.get(one.department_id);
          return (
            <section key={one.department_id} className="card stack tight">
              <div className="row spread">
                <h2>
                  <span className="token">{one.code}</span> <bdi>{one.name}</bdi>
                </h2>
                {here !== undefined && <LiveBadge status={here.status} />}
              </div>
              <Now department={one} visits={here?.visits ?? []} now={now} />
            </section>
          );
        })}
      </div>
      <section className="card stack">
        <h2>{t("figures")}</h2>
        <LastDay />
      </section>
    </>
  );
}

interface NowProps {
  department: Department;
  visits: readonly LiveVisit[];
  now: number;
}

function Now({ department, visits, now }: NowProps) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const count = (...states: string[]) => visits.filter((one) => states.includes(one.state)).length;
  const waiting = visits.filter((one) => one.state === "WAITING" || one.state === "URGENT");
  const waits = waiting.map((one) => minutesSince(one.queued_since, now));
  const late = waiting.filter(
    (one, index) => (waits[index] ?? 0) > (department.target_minutes[one.level - 1] ?? 0),
  );
  const byLevel = LEVELS.map((level) => waiting.filter((one) => one.level === level).length);
  return (
    <>
      <dl className="admin-numbers">
        <Number value={waiting.length} label={t("waiting")} />
        <Number value={count("CALLED")} label={t("called")} />
        <Number value={count("IN_CONSULTATION")} label={t("in_consultation")} />
        <Number value={count("ON_HOLD")} label={t("on_hold")} />
      </dl>
      <LevelBar counts={byLevel} />
      <div className="row spread small">
        <span>
          {t("longest")}: <strong>{common("minutes", { count: Math.max(0, ...waits) })}</strong>
        </span>
        <span className="badge" data-tone={late.length > 0 ? "danger" : "good"}>
          {t("breached")}: {late.length}
        </span>
      </div>
    </>
  );
}

export function Number({ value, label }: { value: string | number; label: string }) {
  return (
    <div>
      <dd>{value}</dd>
      <dt>{label}</dt>
    </div>
  );
}

/** How many of each level, as parts of a bar; the numbers stand in it for those who see no colour. */
export function LevelBar({ counts }: { counts: readonly number[] }) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const words = counts.map((count, index) => `${common("level", { level: index + 1 })}: ${count}`).join(", ");
  return (
    <div className="admin-levels" role="img" aria-label={`${t("by_level")}: ${words}`}>
      {counts.map((count, index) =>
        count === 0 ? null : (
          <span key={index} className="level" data-level={index + 1} style={{ flexGrow: count }}>
            {count}
          </span>
        ),
      )}
    </div>
  );
}

/** Computed when it is asked for: it reads a whole day of the hospital. */
function LastDay() {
  const t = useTexts(adminTexts);
  const [figures, setFigures] = useState<Schemas["Statistics"] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isPending, setPending] = useState(false);
  async function compute(): Promise<void> {
    setPending(true);
    setError(null);
    try {
      const from = new Date(Date.now() - 24 * 3_600_000).toISOString();
      setFigures((await answer(api.POST("/api/v1/admin/insights", { body: { from } }))).statistics);
    } catch (thrown) {
      setError(failureOf(thrown));
    }
    setPending(false);
  }
  return (
    <>
      <div>
        <Button kind="primary" isBusy={isPending} onClick={() => void compute()}>
          {t("figures_show")}
        </Button>
      </div>
      <ErrorText error={error} />
      {figures !== null && <Figures figures={figures} />}
    </>
  );
}
