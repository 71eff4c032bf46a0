import { useState, type SubmitEvent } from "react";
import type { Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { commonTexts } from "../../../texts/common";
import { figuresTexts } from "../../../texts/figures";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextArea } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import { actorName } from "../audit/words";
import { useNames } from "../audit/Audit";

interface Props {
  adviser: Schemas["AdviserView"];
  onSwitched: () => void;
}

/** Whether the adviser is asked, since when and why; and its switch. */
export function Adviser({ adviser, onSwitched }: Props) {
  const t = useTexts(figuresTexts);
  const times = useTimes();
  const names = useNames();
  const [isOpen, setIsOpen] = useState(false);
  const { since, by, reason } = adviser;
  return (
    <section className="card row spread" aria-label={t("adviser")}>
      <div>
        <div className="row">
          <h2>{t("adviser")}</h2>
          <span className="badge" data-tone={adviser.enabled ? "good" : "warn"}>
            {t(adviser.enabled ? "adviser_on" : "adviser_off")}
          </span>
        </div>
        {since !== undefined && (
          <p className="muted small">
            {t("adviser_since", { time: times.dateTime(since) })} · <bdi>{actorName(by ?? "", names)}</bdi>
            {reason !== undefined && (
              <>
                {" · "}
                <bdi>{reason}</bdi>
              </>
            )}
          </p>
        )}
      </div>
      <Button kind={adviser.enabled ? "danger" : "primary"} onClick={() => setIsOpen(true)}>
        {t(adviser.enabled ? "switch_off" : "switch_on")}
      </Button>
      {isOpen && (
        <Switch
          enabled={!adviser.enabled}
          onClose={() => setIsOpen(false)}
          onDone={() => {
            setIsOpen(false);
            onSwitched();
          }}
        />
      )}
    </section>
  );
}

function Switch({ enabled, onClose, onDone }: { enabled: boolean; onClose: () => void; onDone: () => void }) {
  const t = useTexts(figuresTexts);
  const common = useTexts(commonTexts);
  const [reason, setReason] = useState("");
  const [isChecked, setIsChecked] = useState(false);
  const change = useIntent();
  const isMissing = reason.trim() === "";
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setIsChecked(true);
    if (isMissing) return;
    const body = { enabled, reason: reason.trim() };
    const done = await change.run({ method: "PUT", path: "/api/v1/admin/triage/adviser", body });
    if (done !== null) onDone();
  }
  return (
    <Dialog title={t(enabled ? "switch_on" : "switch_off")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <p>{t(enabled ? "switch_on_text" : "switch_off_text")}</p>
        <TextArea
          label={t("reason")}
          hint={t("reason_hint")}
          autoFocus
          maxLength={300}
          value={reason}
          complaint={isChecked && isMissing ? t("reason_missing") : null}
          onChange={(event) => setReason(event.target.value)}
        />
        <ErrorText error={change.error} />
        <div className="row">
          <Button kind={enabled ? "primary" : "danger"} type="submit" isBusy={change.isPending}>
            {t(enabled ? "switch_on" : "switch_off")}
          </Button>
          <Button onClick={onClose}>{common("cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
