import { useTexts } from "../../i18n/texts";
import { doctorTexts } from "../../texts/doctor";
import { useNow } from "../../time/times";
import { Button } from "../../ui/Button";
import type { Doing } from "./useDoing";

/** The api takes a transition back within a minute. */
const UNDO_S = 60;

export function UndoBar({ doing }: { doing: Doing }) {
  const t = useTexts(doctorTexts);
  const now = useNow(1_000);
  const { last } = doing;
  const left = last === null ? 0 : UNDO_S - Math.floor((now - last.at) / 1000);
  if (last === null || left <= 0) return null;
  const what = t(last.what, { token: last.token });
  return (
    <div className="doctor-undo">
      <span>{t("undo_hint", { what, count: Math.min(left, UNDO_S) })}</span>
      <Button size="small" isBusy={doing.isPending} onClick={() => void doing.undo()}>
        {t("undo")}
      </Button>
    </div>
  );
}
