import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { doctorTexts } from "../../texts/doctor";
import { useTimes } from "../../time/times";

type Visit = Schemas["VisitView"];

/** What is known of a patient, short enough to be read while the patient walks in. */
export function Findings({ visit }: { visit: Visit }) {
  const t = useTexts(doctorTexts);
  const times = useTimes();
  const age = visit.patient?.age_years;
  const yes = visit.answers?.filter((one) => one.yes).map((one) => one.question.replaceAll("_", " ")) ?? [];
  return (
    <dl className="doctor-findings">
      <div>
        <dt>{t("complaint")}</dt>
        <dd dir="auto">{visit.complaint ?? "–"}</dd>
      </div>
      <div>
        <dt>{t("arrived", { time: times.clock(visit.arrived_at) })}</dt>
        <dd>{age === undefined ? "–" : t("years", { count: age })}</dd>
      </div>
      {yes.length > 0 && (
        <div>
          <dt>{t("answered_yes")}</dt>
          <dd>{yes.join(", ")}</dd>
        </div>
      )}
      <div>
        <dt>{t("vitals")}</dt>
        <dd>{vitalsOf(visit) ?? t("none_measured")}</dd>
      </div>
      {(visit.floor?.rules.length ?? 0) > 0 && (
        <div>
          <dt>{t("fired")}</dt>
          <dd>{visit.floor?.rules.map((rule) => rule.reason ?? rule.id).join("; ")}</dd>
        </div>
      )}
      {visit.notes?.map((note) => (
        <div key={note.version}>
          <dt>
            {t("earlier")} · {times.clock(note.written_at)}
          </dt>
          <dd dir="auto">{[note.notes, note.prescription].filter(Boolean).join(" — ")}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The signs in the order in which they are said, with their units; null when none was measured. */
function vitalsOf(visit: Visit): string | null {
  const vitals = visit.vitals;
  if (vitals === undefined) return null;
  const pressure =
    vitals.systolic_bp === undefined ? null : `${vitals.systolic_bp}/${vitals.diastolic_bp ?? "–"} mmHg`;
  const parts = [
    vitals.respiratory_rate === undefined ? null : `RR ${vitals.respiratory_rate}`,
    vitals.oxygen_saturation === undefined ? null : `SpO₂ ${vitals.oxygen_saturation} %`,
    pressure,
    vitals.heart_rate === undefined ? null : `HR ${vitals.heart_rate}`,
    vitals.temperature_c === undefined ? null : `${vitals.temperature_c.toFixed(1)} °C`,
    visit.floor?.news2 === undefined ? null : `NEWS2 ${visit.floor.news2}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" · ");
}
