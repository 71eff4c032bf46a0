import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { doctorTexts } from "../../texts/doctor";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import type { Undo } from "./useUndo";

interface Props {
  department: string;
  room: string | null;
  /** Who is likely to come; the api decides at the moment of the call. */
  next: QueueItem | undefined;
  undo: Undo;
  onSettled: () => void;
}

/** Nobody is with the doctor: one button for the next. */
export function CallNext({ department, room, next, undo, onSettled }: Props) {
  const t = useTexts(doctorTexts);
  const intent = useIntent();
  async function call(): Promise<void> {
    const answered = await intent.run({
      method: "POST",
      path: `/api/v1/departments/${department}/call-next`,
      body: room === null ? {} : { room_id: room },
    });
    undo.did("call", answered);
    onSettled();
  }
  return (
    <section className="card stack doctor-nobody">
      <div>
        <h2>{next === undefined ? t("nobody_waits") : t("next_is", { token: next.token ?? "" })}</h2>
        <p className="muted">{t(next === undefined ? "nobody_waits_text" : "call_next_text")}</p>
      </div>
      <ErrorText error={intent.error} />
      <Button kind="primary" size="big" wide isBusy={intent.isPending} onClick={() => void call()}>
        {t("call_next")}
      </Button>
    </section>
  );
}
