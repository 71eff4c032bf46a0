import { useState, type SubmitEvent } from "react";
import { useTexts } from "../../../i18n/texts";
import { commonTexts } from "../../../texts/common";
import { staffTexts } from "../../../texts/staff";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextInput } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import type { StaffMember } from "../parts/data";
import { useAct } from "../parts/useAct";
import { grantComplaint, grantsBody, isMailAddress, type Grants } from "./filter";
import { GrantFields } from "./GrantFields";

interface Props {
  onClose: () => void;
  onDone: (said: string) => void;
}

/** Invites somebody: the mail has a link to set a password with. */
export function Invite({ onClose, onDone }: Props) {
  const t = useTexts(staffTexts);
  const common = useTexts(commonTexts);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [grants, setGrants] = useState<Grants>({ role: "NURSE", isEverywhere: false, departments: [] });
  const [isChecked, setIsChecked] = useState(false);
  const invite = useAct<StaffMember>();
  const grantsWrong = grantComplaint(grants);
  const wrong = {
    name: name.trim() === "" ? t("name_missing") : null,
    email: isMailAddress(email) ? null : t("email_wrong"),
    grants: grantsWrong === null ? null : t(grantsWrong),
  };

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setIsChecked(true);
    if (Object.values(wrong).some((one) => one !== null)) return;
    const body = { name: name.trim(), email: email.trim(), ...grantsBody(grants) };
    const done = await invite.run({ method: "POST", path: "/api/v1/staff/invitations", body });
    if (done !== null) onDone(t("invited", { name: body.name }));
  }

  return (
    <Dialog title={t("invite")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <TextInput
          label={t("name")}
          autoFocus
          maxLength={120}
          value={name}
          complaint={isChecked ? wrong.name : null}
          onChange={(event) => setName(event.target.value)}
        />
        <TextInput
          type="email"
          label={t("email")}
          hint={t("email_hint")}
          dir="ltr"
          maxLength={254}
          value={email}
          complaint={isChecked ? (wrong.email ?? invite.error?.field("/email")) : null}
          onChange={(event) => setEmail(event.target.value)}
        />
        <GrantFields grants={grants} complaint={isChecked ? wrong.grants : null} onChange={setGrants} />
        <ErrorText error={invite.error} />
        <div className="row">
          <Button kind="primary" type="submit" isBusy={invite.isPending}>
            {t("send_invitation")}
          </Button>
          <Button onClick={onClose}>{common("cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
