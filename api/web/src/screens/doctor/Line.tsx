import { useState } from "react";
import { failureOf } from "../../api/problem";
import type { LiveQueue, QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { doctorTexts } from "../../texts/doctor";
import { receptionTexts } from "../../texts/reception";
import { minutesSince, useNow } from "../../time/times";
import { LevelBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Empty } from "../../ui/states";
import { Dialog } from "../../ui/staff/Dialog";
import type { Doing } from "./useDoing";

interface Props {
  queue: LiveQueue;
  me: string;
  doing: Doing;
  room: string | null;
  canCall: boolean;
}

/** As many as a doctor looks ahead; the whole queue is the reception's. */
const SHOWN = 30;

/** Who waits for this doctor, in the order of calling, and why in this order. */
export function Line({ queue, me, doing, room, canCall }: Props) {
  const t = useTexts(doctorTexts);
  const [asked, setAsked] = useState<QueueItem | null>(null);
  const waiting = queue.items.filter(
    (item) => item.position !== undefined && (item.assigned_doctor_id ?? me) === me,
  );

  async function call(item: QueueItem, reason: string): Promise<void> {
    const why = reason.trim() === "" ? {} : { reason: reason.trim() };
    await doing.on(item, "call", "did_call", { ...why, ...(room === null ? {} : { room_id: room }) });
    setAsked(null);
  }

  return (
    <section className="card stack">
      <h2>
        {t("queue")} <span className="badge">{waiting.length}</span>
      </h2>
      <ErrorText error={queue.error === null ? null : failureOf(queue.error)} />
      {waiting.length === 0 && !queue.isPending && <Empty title={t("queue_empty")} />}
      <ol className="doctor-line">
        {waiting.slice(0, SHOWN).map((item, index) => (
          <Waiting
            key={item.visit_id}
            item={item}
            isMine={item.assigned_doctor_id === me}
            onCall={canCall ? () => (index === 0 ? void call(item, "") : setAsked(item)) : null}
          />
        ))}
      </ol>
      {asked !== null && (
        <OutOfOrder item={asked} doing={doing} onCall={call} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}

interface WaitingProps {
  item: QueueItem;
  isMine: boolean;
  onCall: (() => void) | null;
}

function Waiting({ item, isMine, onCall }: WaitingProps) {
  const t = useTexts(doctorTexts);
  const common = useTexts(commonTexts);
  const desk = useTexts(receptionTexts);
  const now = useNow(15_000);
  const waited = minutesSince(item.queued_since, now);
  return (
    <li className="doctor-waiting">
      <LevelBadge level={item.level} />
      <div className="doctor-who">
        <span className="row">
          <span className="token">{item.token}</span>
          <bdi>{item.name}</bdi>
          {isMine && (
            <span className="badge" data-tone="brand">
              {t("mine")}
            </span>
          )}
        </span>
        <span className="muted small" dir="auto">
          {item.complaint}
        </span>
        <span className="small" data-late={waited > item.target_minutes || undefined}>
          {common("minutes", { count: waited })}{" "}
          <span className="muted">{desk("target", { count: item.target_minutes })}</span>
          {item.why !== undefined && (
            <span className="muted"> · {desk(`why_${item.why.reason as "immediate"}`)}</span>
          )}
        </span>
      </div>
      {onCall !== null && (
        <Button size="small" onClick={onCall}>
          {t("call")} <span className="visually-hidden">{item.token}</span>
        </Button>
      )}
    </li>
  );
}

interface OutOfOrderProps {
  item: QueueItem;
  doing: Doing;
  onCall: (item: QueueItem, reason: string) => Promise<void>;
  onClose: () => void;
}

function OutOfOrder({ item, doing, onCall, onClose }: OutOfOrderProps) {
  const t = useTexts(doctorTexts);
  const [reason, setReason] = useState("");
  return (
    <Dialog title={t("out_of_order", { token: item.token ?? "" })} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void onCall(item, reason);
        }}
      >
        <TextInput
          label={t("reason")}
          autoFocus
          required
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button type="submit" kind="primary" isBusy={doing.isPending}>
          {t("confirm")}
        </Button>
      </form>
    </Dialog>
  );
}
