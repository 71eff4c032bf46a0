import { useState } from "react";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { parkedTexts } from "../../../texts/parked";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextArea } from "../../../ui/Field";
import { ConfirmButton } from "../parts/ConfirmButton";

const DONE = ["applied", "rejected", "dead_lettered", "accepted"] as const;
/** What became of a command that was sent again. */
export type Done = (typeof DONE)[number];

/** The status that the api tells, as one there are words for. */
export function doneOf(status: string): Done {
  return DONE.find((one) => one === status) ?? "accepted";
}

/** Sends a parked command again, with a reason and after a second look. */
export function Redrive({ id, onDone }: { id: string; onDone: (status: string) => void }) {
  const t = useTexts(parkedTexts);
  const [reason, setReason] = useState("");
  const [isChecked, setIsChecked] = useState(false);
  const redrive = useIntent();
  const isMissing = reason.trim() === "";

  async function send(): Promise<void> {
    const path = `/api/v1/dead-letters/${id}/redrive`;
    const done = await redrive.run({ method: "POST", path, body: { reason: reason.trim() } });
    if (done !== null) onDone(done.status);
  }

  return (
    <div className="stack tight">
      <TextArea
        label={t("redrive_reason")}
        hint={t("redrive_reason_hint")}
        rows={2}
        maxLength={300}
        value={reason}
        complaint={
          isChecked && isMissing ? t("redrive_reason_missing") : (redrive.error?.field("/reason") ?? null)
        }
        onChange={(event) => setReason(event.target.value)}
      />
      <ErrorText error={redrive.error} />
      <div className="row">
        {isMissing ? (
          <Button kind="danger" onClick={() => setIsChecked(true)}>
            {t("redrive")}
          </Button>
        ) : (
          <ConfirmButton
            question={t("redrive_question")}
            action={t("redrive")}
            size="normal"
            isBusy={redrive.isPending}
            onConfirm={() => void send()}
          >
            {t("redrive")}
          </ConfirmButton>
        )}
      </div>
    </div>
  );
}
