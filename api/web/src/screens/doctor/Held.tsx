import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { doctorTexts } from "../../texts/doctor";
import { LevelBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import type { Undo } from "./useUndo";

interface Props {
  items: readonly QueueItem[];
  undo: Undo;
  onSettled: () => void;
}

/** Patients whom this doctor sent away for a while. */
export function Held({ items, undo, onSettled }: Props) {
  const t = useTexts(doctorTexts);
  const intent = useIntent();
  if (items.length === 0) return null;
  async function resume(item: QueueItem): Promise<void> {
    const path = `/api/v1/visits/${item.visit_id}/resume`;
    const answered = await intent.run({ method: "POST", path, body: { expected_version: item.version } });
    undo.did("resume", answered);
    onSettled();
  }
  return (
    <section className="card stack tight">
      <h2>{t("on_hold")}</h2>
      <ul className="doctor-line">
        {items.map((item) => (
          <li key={item.visit_id} className="doctor-waiting">
            <LevelBadge level={item.level} />
            <span className="doctor-who">
              <span className="row">
                <span className="token">{item.token}</span>
                <bdi>{item.name}</bdi>
              </span>
            </span>
            <Button size="small" isBusy={intent.isPending} onClick={() => void resume(item)}>
              {t("resume")}
            </Button>
          </li>
        ))}
      </ul>
      <ErrorText error={intent.error} />
    </section>
  );
}
