import { failureOf } from "../../api/problem";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { nurseTexts } from "../../texts/nurse";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { FloorBox, VitalsList } from "../clinical/Findings";
import { LevelForm } from "../clinical/LevelForm";
import { Decisions, Suggestion } from "../clinical/Suggestion";
import { useVisit, type Visit } from "../clinical/useVisit";
import { Who } from "../clinical/Who";
import { VitalsForm } from "./VitalsForm";

interface Props {
  item: QueueItem;
  onBack: () => void;
  onSettled: () => void;
}

/** One patient: what is known, what is measured, what the rules say, how urgent it is. */
export function Assessment({ item, onBack, onSettled }: Props) {
  const t = useTexts(nurseTexts);
  const { visit, isWhole, error } = useVisit(item);
  return (
    <div className="stack">
      <Button kind="quiet" size="small" className="nurse-back" onClick={onBack}>
        {t("back_to_list")}
      </Button>
      <ErrorText error={error === null ? null : failureOf(error)} />
      {isWhole ? <Known visit={visit} onSettled={onSettled} /> : <Unread visit={visit} />}
    </div>
  );
}

function Unread({ visit }: { visit: Visit }) {
  return (
    <section className="card stack" aria-busy="true">
      <Who visit={visit} />
      <Loading />
    </section>
  );
}

function Known({ visit, onSettled }: { visit: Visit; onSettled: () => void }) {
  const t = useTexts(nurseTexts);
  const clinical = useTexts(clinicalTexts);
  return (
    <>
      <section className="card stack">
        <Who visit={visit} />
        <h3>{clinical("vitals")}</h3>
        <VitalsList visit={visit} />
        <FloorBox visit={visit} />
      </section>
      <section className="card">
        <VitalsForm visit={visit} onSettled={onSettled} />
      </section>
      <section className="card stack">
        <h2>{clinical("own_level")}</h2>
        {visit.clinician !== undefined && (
          <p className="notice" data-tone={visit.clinician.overrides_floor ? "warn" : "good"}>
            {clinical("own_level_set", { level: visit.clinician.level })}
            {visit.clinician.overrides_floor && ` – ${clinical("own_level_overrides")}`}
          </p>
        )}
        <LevelForm visit={visit} onSettled={onSettled} />
        <Suggestion visit={visit} />
        <Decisions visit={visit} />
        <p className="muted small">{t("acknowledgement")}</p>
      </section>
    </>
  );
}
