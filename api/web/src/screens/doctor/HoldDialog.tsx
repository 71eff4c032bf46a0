import { useState, type ReactNode } from "react";
import { useTexts } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { doctorTexts } from "../../texts/doctor";
import { Button } from "../../ui/Button";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";

/** What patients are sent away for most. */
const USUAL = ["hold_xray", "hold_lab", "hold_observe"] as const;
const MINUTES_MAX = 1440;

interface Props {
  isBusy: boolean;
  onHold: (body: { reason: string; expected_return_minutes?: number }) => void;
  onClose: () => void;
  children: ReactNode;
}

/** Sends the patient away for a while. */
export function HoldDialog({ isBusy, onHold, onClose, children }: Props) {
  const t = useTexts(doctorTexts);
  const common = useTexts(commonTexts);
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState("");
  const isWrong =
    minutes !== "" && !(/^\d{1,4}$/u.test(minutes) && Number(minutes) >= 1 && Number(minutes) <= MINUTES_MAX);
  const isReady = reason.trim() !== "" && !isWrong;
  return (
    <Dialog title={t("hold")} isOpen onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          onHold({
            reason: reason.trim(),
            ...(minutes === "" ? {} : { expected_return_minutes: Number(minutes) }),
          });
        }}
      >
        <p>{t("hold_text")}</p>
        <div className="row">
          {USUAL.map((usual) => (
            <Button key={usual} size="small" onClick={() => setReason(t(usual))}>
              {t(usual)}
            </Button>
          ))}
        </div>
        <TextInput
          label={t("hold_reason")}
          maxLength={300}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <TextInput
          label={t("hold_minutes")}
          isOptional
          inputMode="numeric"
          dir="ltr"
          value={minutes}
          complaint={isWrong ? t("minutes_wrong") : null}
          onChange={(event) => setMinutes(event.target.value.trim())}
        />
        {children}
        <div className="row">
          <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={!isReady}>
            {t("hold")}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {common("cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
