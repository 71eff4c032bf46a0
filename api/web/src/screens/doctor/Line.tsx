import { useState } from "react";
import { failureOf } from "../../api/problem";
import type { LiveQueue, QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { commonTexts } from "../../texts/common";
import { doctorTexts } from "../../texts/doctor";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Empty } from "../../ui/states";
import { Dialog } from "../../ui/staff/Dialog";
import { waitingFor } from "./mine";
import type { Undo } from "./useUndo";
import { Waiting } from "./Waiting";

interface Props {
  queue: LiveQueue;
  me: string;
  undo: Undo;
  room: string | null;
  canCall: boolean;
}

/** As many as a doctor looks ahead; the whole queue is the reception's. */
const SHOWN = 30;

/** Who waits for this doctor, in the order of calling, and why in this order. */
export function Line({ queue, me, undo, room, canCall }: Props) {
  const t = useTexts(doctorTexts);
  const [asked, setAsked] = useState<QueueItem | null>(null);
  const intent = useIntent();
  const waiting = waitingFor(queue.items, me);
  const inRoom = room === null ? {} : { room_id: room };

  async function send(item: QueueItem, operation: "call" | "start", more: object): Promise<void> {
    const answered = await intent.run({
      method: "POST",
      path: `/api/v1/visits/${item.visit_id}/${operation}`,
      body: { expected_version: item.version, ...more, ...inRoom },
    });
    undo.did(operation, answered);
    queue.refresh();
    if (answered !== null) setAsked(null);
  }

  return (
    <section className="card stack doctor-queue">
      <h2>
        {t("queue")} <span className="badge">{t("waiting_count", { count: waiting.length })}</span>
      </h2>
      <ErrorText error={queue.error === null ? null : failureOf(queue.error)} />
      {asked === null && <ErrorText error={intent.error} />}
      {waiting.length === 0 && !queue.isPending && (
        <Empty title={t("nobody_waits")}>
          <p>{t("nobody_waits_text")}</p>
        </Empty>
      )}
      <ol className="doctor-line">
        {waiting.slice(0, SHOWN).map((item, index) => (
          <Waiting
            key={item.visit_id}
            item={item}
            isMine={item.assigned_doctor_id === me}
            isBusy={intent.isPending}
            onCall={canCall ? () => (index === 0 ? void send(item, "call", {}) : setAsked(item)) : null}
            onStart={canCall ? () => void send(item, "start", {}) : null}
          />
        ))}
      </ol>
      {asked !== null && (
        <OutOfOrder
          item={asked}
          isBusy={intent.isPending}
          onCall={(reason) => void send(asked, "call", { reason })}
          onClose={() => {
            intent.clear();
            setAsked(null);
          }}
        >
          <ErrorText error={intent.error} />
        </OutOfOrder>
      )}
    </section>
  );
}

interface OutOfOrderProps {
  item: QueueItem;
  isBusy: boolean;
  onCall: (reason: string) => void;
  onClose: () => void;
  children: React.ReactNode;
}

function OutOfOrder({ item, isBusy, onCall, onClose, children }: OutOfOrderProps) {
  const t = useTexts(doctorTexts);
  const common = useTexts(commonTexts);
  const [reason, setReason] = useState("");
  const token = item.token ?? "";
  return (
    <Dialog title={t("call_this", { token })} isOpen onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim() !== "") onCall(reason.trim());
        }}
      >
        <TextInput
          label={t("call_reason", { token })}
          autoFocus
          maxLength={300}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {children}
        <div className="row">
          <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={reason.trim() === ""}>
            {t("call_this", { token })}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {common("cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
