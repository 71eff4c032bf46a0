import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { doctorTexts } from "../../texts/doctor";
import { useNow } from "../../time/times";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import type { Undo } from "./useUndo";

/** The api takes a transition back within a minute. */
const UNDO_S = 60;

/** What was done last, and the way back from it. */
export function UndoBar({ undo }: { undo: Undo }) {
  const t = useTexts(doctorTexts);
  const clinical = useTexts(clinicalTexts);
  const now = useNow(1_000);
  const { last } = undo;
  const left = last === null ? 0 : Math.min(UNDO_S, UNDO_S - Math.floor((now - last.at) / 1000));
  return (
    <>
      <div role="status">
        {last !== null && left > 0 && (
          <div className="doctor-undo">
            <span>{t(`did_${last.operation}`, { token: last.token })}</span>
            <Button size="small" isBusy={undo.isPending} onClick={() => void undo.undo()}>
              {clinical("undo")}
              <span aria-hidden="true" className="doctor-undo-left">
                {left}
              </span>
            </Button>
          </div>
        )}
      </div>
      <ErrorText error={undo.error} />
    </>
  );
}
