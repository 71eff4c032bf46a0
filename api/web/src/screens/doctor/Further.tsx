import { useState } from "react";
import { useDepartments, type Department } from "../../hospital/useDepartments";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { doctorTexts } from "../../texts/doctor";
import { Button } from "../../ui/Button";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";
import { Select } from "../../ui/staff/Select";
import type { Doing } from "./useDoing";

interface Props {
  item: QueueItem;
  doing: Doing;
  department: Department;
}

/** What a consultation may turn into: a pause, or another department. */
export function Further({ item, doing, department }: Props) {
  const t = useTexts(doctorTexts);
  const [asked, setAsked] = useState<"hold" | "transfer" | null>(null);
  const [reason, setReason] = useState("");
  const [target, setTarget] = useState<string | null>(null);
  const departments = useDepartments();
  const others = departments.data?.filter((one) => one.department_id !== department.department_id) ?? [];

  async function send(): Promise<void> {
    if (asked === null || (asked === "transfer" && target === null)) return;
    const why = reason.trim() === "" ? {} : { reason: reason.trim() };
    const more = asked === "transfer" ? { department_id: target } : {};
    if (await doing.on(item, asked, "did_other", { ...why, ...more })) setAsked(null);
  }

  return (
    <>
      <div className="row">
        <Button onClick={() => setAsked("hold")}>{t("hold")}</Button>
        <Button onClick={() => setAsked("transfer")}>{t("transfer")}</Button>
      </div>
      {asked !== null && (
        <Dialog title={t(asked)} isOpen onClose={() => setAsked(null)}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void send();
            }}
          >
            {asked === "transfer" && (
              <Select
                label={t("transfer_to")}
                options={others.map((one) => ({ id: one.department_id, label: `${one.code} · ${one.name}` }))}
                value={target}
                onChange={setTarget}
              />
            )}
            <TextInput
              label={t("reason")}
              maxLength={200}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
            <Button
              type="submit"
              kind="primary"
              isBusy={doing.isPending}
              isDisabled={asked === "transfer" && target === null}
            >
              {t("confirm")}
            </Button>
          </form>
        </Dialog>
      )}
    </>
  );
}
