import { useFacility } from "../../app/Staff";
import { useDoctors } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { commonTexts } from "../../texts/common";
import { changesBetween, type Change } from "./changes";
import type { Visit } from "./useVisit";

/** Says what somebody else changed while this one was deciding. Whatever was typed is where it was. */
export function Conflict({ seen, now }: { seen: Visit | null; now: Visit | null }) {
  return <div role="alert">{seen !== null && now !== null && <Told seen={seen} now={now} />}</div>;
}

function Told({ seen, now }: { seen: Visit; now: Visit }) {
  const t = useTexts(clinicalTexts);
  const say = useWords(now);
  const changes = changesBetween(seen, now);
  return (
    <div className="notice stack tight" data-tone="warn">
      <strong>{t("conflict_title")}</strong>
      {changes.length === 0 ? (
        <p>{t("conflict_same")}</p>
      ) : (
        <>
          <p>{t("conflict_text")}</p>
          <ul className="conflict-list">
            {changes.map((change) => (
              <li key={change.what}>{say(change)}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function useWords(now: Visit): (change: Change) => string {
  const t = useTexts(clinicalTexts);
  const common = useTexts(commonTexts);
  const facility = useFacility();
  const doctors = useDoctors(now.department_id);
  return (change) => {
    switch (change.what) {
      case "state":
        return t("changed_state", { value: common(`state_${change.value}`) });
      case "level":
        return t("changed_level", { value: change.value ?? "–" });
      case "room":
        return t("changed_room", { value: change.value ?? "–" });
      case "doctor": {
        const doctor = doctors.data?.find((one) => one.doctor_id === change.value);
        const someone = change.value === undefined ? t("nobody") : t("doctor_unknown");
        return t("changed_doctor", { value: doctor?.name ?? someone });
      }
      case "department": {
        const department = facility.data?.departments.find((one) => one.department_id === change.value);
        return t("changed_department", { value: department?.name ?? "–" });
      }
      default:
        return t(`changed_${change.what}`);
    }
  };
}
