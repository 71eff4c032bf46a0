import { useTexts } from "../../i18n/texts";
import { doctorTexts } from "../../texts/doctor";
import { useTimes } from "../../time/times";
import { TextArea } from "../../ui/Field";
import type { Visit } from "../clinical/useVisit";
import type { Draft } from "./useDrafts";

interface Props {
  visit: Visit;
  draft: Draft | null;
  onDraft: (draft: Draft) => void;
}

/** What the doctor writes; kept with every key that is pressed. */
export function Consultation({ visit, draft, onDraft }: Props) {
  const t = useTexts(doctorTexts);
  const times = useTimes();
  const written = draft ?? { token: visit.token ?? "", notes: "", prescription: "" };
  const earlier = visit.notes ?? [];
  return (
    <div className="stack">
      {earlier.length > 0 && (
        <details className="doctor-earlier" open>
          <summary>{t("earlier_notes")}</summary>
          <ul className="stack tight">
            {earlier.map((note) => (
              <li key={note.version}>
                <span className="muted small">{times.clock(note.written_at)}</span>
                <p dir="auto">{note.notes}</p>
                <p dir="auto">{note.prescription}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
      <TextArea
        label={t("notes")}
        hint={t("notes_hint")}
        rows={4}
        maxLength={4000}
        value={written.notes}
        onChange={(event) => onDraft({ ...written, notes: event.target.value })}
      />
      <TextArea
        label={t("prescription")}
        rows={2}
        maxLength={4000}
        value={written.prescription}
        onChange={(event) => onDraft({ ...written, prescription: event.target.value })}
      />
      <p className="muted small">
        {draft !== null && t("draft_kept")}
        {visit.started_at !== undefined && ` · ${t("started_at", { time: times.clock(visit.started_at) })}`}
      </p>
    </div>
  );
}
