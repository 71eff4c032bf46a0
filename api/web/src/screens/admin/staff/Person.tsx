import { useState, type SubmitEvent } from "react";
import { useTexts } from "../../../i18n/texts";
import { staffTexts } from "../../../texts/staff";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextInput } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import { ConfirmButton } from "../parts/ConfirmButton";
import type { StaffMember } from "../parts/data";
import { Said } from "../parts/Page";
import { useAct } from "../parts/useAct";
import { grantComplaint, grantsBody, type Grants, type StaffRole } from "./filter";
import { GrantFields } from "./GrantFields";
import { Sessions } from "./Sessions";
import { StatusBadge } from "./Staff";

interface Props {
  person: StaffMember;
  isOwn: boolean;
  onClose: () => void;
  onChanged: (said: string) => void;
}

/** All that can be done with an account. */
export function Person({ person, isOwn, onClose, onChanged }: Props) {
  const [said, setSaid] = useState("");
  function changed(text: string): void {
    setSaid(text);
    onChanged(text);
  }
  return (
    <Dialog title={person.name} isOpen isWide onClose={onClose}>
      <div className="row">
        <bdi className="muted">{person.email}</bdi>
        <StatusBadge status={person.status} />
      </div>
      <Said>{said}</Said>
      <Details person={person} onChanged={changed} />
      {person.status !== "ACTIVE" && <Invitation person={person} onChanged={changed} />}
      {person.status !== "INVITED" && <Access person={person} isOwn={isOwn} onChanged={changed} />}
      {person.status === "ACTIVE" && <Sessions person={person} />}
    </Dialog>
  );
}

interface PartProps {
  person: StaffMember;
  onChanged: (said: string) => void;
}

function Details({ person, onChanged }: PartProps) {
  const t = useTexts(staffTexts);
  const [name, setName] = useState(person.name);
  const [grants, setGrants] = useState<Grants>({
    role: person.role as StaffRole,
    isEverywhere: person.all_departments,
    departments: person.departments,
  });
  const [isChecked, setIsChecked] = useState(false);
  const save = useAct<StaffMember>();
  const nameWrong = name.trim() === "" ? t("name_missing") : null;
  const grantsWrong = grantComplaint(grants);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setIsChecked(true);
    if (nameWrong !== null || grantsWrong !== null) return;
    const body = { name: name.trim(), ...grantsBody(grants) };
    const done = await save.run({ method: "PUT", path: `/api/v1/staff/${person.id}`, body });
    if (done !== null) onChanged(t("saved", { name: body.name }));
  }

  return (
    <form className="admin-section" noValidate onSubmit={(event) => void submit(event)}>
      <h3>{t("details")}</h3>
      <TextInput
        label={t("name")}
        maxLength={120}
        value={name}
        complaint={isChecked ? nameWrong : null}
        onChange={(event) => setName(event.target.value)}
      />
      <GrantFields
        grants={grants}
        complaint={isChecked && grantsWrong !== null ? t(grantsWrong) : null}
        onChange={setGrants}
      />
      <ErrorText error={save.error} />
      <div>
        <Button kind="primary" type="submit" isBusy={save.isPending}>
          {t("save_details")}
        </Button>
      </div>
    </form>
  );
}

function Invitation({ person, onChanged }: PartProps) {
  const t = useTexts(staffTexts);
  const times = useTimes();
  const act = useAct<StaffMember>();
  const path = `/api/v1/staff/${person.id}/invitation`;
  const until = person.invited_until;
  async function run(method: "POST" | "DELETE", said: string): Promise<void> {
    if ((await act.run({ method, path, body: undefined })) !== null) onChanged(said);
  }
  return (
    <section className="admin-section">
      <h3>{t("invitation")}</h3>
      <p>
        {until !== undefined
          ? t("invitation_until", { time: times.dateTime(until) })
          : t(person.status === "DISABLED" ? "invitation_disabled" : "invitation_closed")}
      </p>
      <ErrorText error={act.error} />
      <div className="row">
        <Button
          isBusy={act.isPending}
          onClick={() => void run("POST", t("invitation_sent", { name: person.name }))}
        >
          {t("resend")}
        </Button>
        {until !== undefined && (
          <ConfirmButton
            size="normal"
            question={t("revoke_question")}
            action={t("revoke")}
            onConfirm={() => void run("DELETE", t("invitation_revoked", { name: person.name }))}
          >
            {t("revoke")}
          </ConfirmButton>
        )}
      </div>
    </section>
  );
}

function Access({ person, isOwn, onChanged }: PartProps & { isOwn: boolean }) {
  const t = useTexts(staffTexts);
  const act = useAct();
  const isDisabled = person.status === "DISABLED";
  async function run(method: "POST" | "DELETE", what: string, said: string): Promise<void> {
    const path = `/api/v1/staff/${person.id}/${what}`;
    if ((await act.run({ method, path, body: undefined })) !== null) onChanged(said);
  }
  return (
    <section className="admin-section">
      <h3>{t("access")}</h3>
      {isOwn && <p className="notice">{t("own_account")}</p>}
      <ErrorText error={act.error} />
      <div className="row">
        {isDisabled ? (
          <Button
            isBusy={act.isPending}
            onClick={() => void run("POST", "enable", t("enabled", { name: person.name }))}
          >
            {t("enable")}
          </Button>
        ) : (
          <ConfirmButton
            size="normal"
            question={t("disable_question", { name: person.name })}
            action={t("disable")}
            isDisabled={isOwn}
            onConfirm={() => void run("POST", "disable", t("disabled", { name: person.name }))}
          >
            {t("disable")}
          </ConfirmButton>
        )}
        {person.second_factor && (
          <ConfirmButton
            size="normal"
            question={t("factor_question", { name: person.name })}
            action={t("factor_remove")}
            isDisabled={isOwn}
            onConfirm={() => void run("DELETE", "second-factor", t("factor_removed", { name: person.name }))}
          >
            {t("factor_lost")}
          </ConfirmButton>
        )}
      </div>
    </section>
  );
}
