import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { commonTexts } from "../../texts/common";
import { minutesSince, useNow, useTimes } from "../../time/times";
import { LevelBadge, StateBadge } from "../../ui/badges";
import { ageOf } from "./person";
import type { Visit } from "./useVisit";
import "./clinical.css";

/** Who it is and why they came, at a glance. */
export function Who({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const common = useTexts(commonTexts);
  const times = useTimes();
  const now = useNow(15_000);
  const age = ageOf(visit);
  const about = [
    age === null ? null : t("years", { count: age }),
    visit.patient?.sex === undefined ? null : t(`sex_${visit.patient.sex}`),
    t("arrived", { time: times.clock(visit.arrived_at) }),
    visit.state === "WAITING" || visit.state === "URGENT"
      ? t("waits", { minutes: common("minutes", { count: minutesSince(visit.queued_since, now) }) })
      : null,
  ].filter((part) => part !== null);
  const yes = visit.answers?.filter((one) => one.yes) ?? [];
  return (
    <div className="who">
      <h2 className="row">
        {visit.level !== undefined && <LevelBadge level={visit.level} />}
        <span className="token who-token">{visit.token}</span>
        <span className="who-name">
          <bdi>{visit.patient?.name ?? t("erased")}</bdi>
        </span>
        <StateBadge state={visit.state} />
        {visit.room !== undefined && (
          <span className="badge">
            {common("room")} <span className="token">{visit.room}</span>
          </span>
        )}
        {visit.needs_review === true && (
          <span className="badge" data-tone="warn">
            {t("needs_review")}
          </span>
        )}
      </h2>
      <p className="muted small">
        {about.join(" · ")}
        {visit.triage_source !== undefined &&
          ` · ${common("level", { level: visit.level ?? 5 })} ${t(`source_${visit.triage_source as "rules"}`)}`}
      </p>
      <blockquote className="who-complaint" dir="auto">
        {visit.complaint ?? "–"}
      </blockquote>
      {(visit.symptoms?.length ?? 0) > 0 && (
        <p>
          <span className="muted small">{t("symptoms")}: </span>
          <bdi>{visit.symptoms?.join(", ")}</bdi>
        </p>
      )}
      {yes.length > 0 && (
        <p className="row">
          <span className="muted small">{t("answers_yes")}:</span>
          {yes.map((one) => (
            <span key={one.question} className="badge" data-tone="danger">
              <bdi>{one.question.replaceAll("_", " ")}</bdi>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
