import { useState, type ReactNode } from "react";
import { useFacility } from "../../app/Staff";
import { useTexts } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { doctorTexts } from "../../texts/doctor";
import { Button } from "../../ui/Button";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";
import { Select } from "../../ui/staff/Select";
import type { Visit } from "../clinical/useVisit";

interface Props {
  visit: Visit;
  hasDraft: boolean;
  isBusy: boolean;
  onTransfer: (body: { department_id: string; reason: string }) => void;
  onClose: () => void;
  children: ReactNode;
}

/** Hands the patient over to another department. */
export function TransferDialog({ visit, hasDraft, isBusy, onTransfer, onClose, children }: Props) {
  const t = useTexts(doctorTexts);
  const common = useTexts(commonTexts);
  const [target, setTarget] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const facility = useFacility();
  const others = facility.data?.departments.filter((one) => one.department_id !== visit.department_id) ?? [];
  const isReady = target !== null && reason.trim() !== "";
  return (
    <Dialog title={t("transfer")} isOpen onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (target !== null && isReady) onTransfer({ department_id: target, reason: reason.trim() });
        }}
      >
        <Select
          label={t("transfer_to")}
          options={others.map((one) => ({
            id: one.department_id,
            label: `${one.code} · ${one.name}`,
            ...(one.open ? {} : { detail: t("transfer_closed") }),
          }))}
          value={target}
          onChange={setTarget}
          placeholder="–"
        />
        <TextInput
          label={t("transfer_reason")}
          maxLength={300}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {hasDraft && (
          <p className="notice" data-tone="warn">
            {t("transfer_notes")}
          </p>
        )}
        {children}
        <div className="row">
          <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={!isReady}>
            {t("transfer")}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {common("cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
