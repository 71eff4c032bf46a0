import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { adminTexts } from "../../texts/admin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";
import { Select } from "../../ui/staff/Select";
import type { PartProps } from "./Admin";
import { Check } from "./parts";

type Person = Schemas["StaffView"];
const ROLES = ["RECEPTION", "NURSE", "DOCTOR", "DISPLAY", "ADMIN"] as const;

interface Props extends PartProps {
  /** Null to invite somebody. */
  person: Person | null;
  onClose: () => void;
}

/** Name, role and departments: of somebody new, or of somebody who is here. */
export function InviteDialog({ person, departments, onClose }: Props) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const client = useQueryClient();
  const write = useRequest<Person>("medique.invite");
  const [email, setEmail] = useState("");
  const [name, setName] = useState(person?.name ?? "");
  const [role, setRole] = useState<Person["role"]>(person?.role ?? "RECEPTION");
  const [all, setAll] = useState(person?.all_departments ?? false);
  const [ids, setIds] = useState<readonly string[]>(person?.departments ?? []);

  async function save(): Promise<void> {
    const body = { name: name.trim(), role, all_departments: all, departments: all ? [] : ids };
    const done = await write.succeeds(
      person === null
        ? { method: "POST", path: "/api/v1/staff/invitations", body: { ...body, email: email.trim() } }
        : { method: "PUT", path: `/api/v1/staff/${person.id}`, body },
    );
    await client.invalidateQueries({ queryKey: ["staff"] });
    if (done) onClose();
  }

  return (
    <Dialog title={person?.name ?? t("invite")} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {person === null && (
          <TextInput
            label={t("email")}
            type="email"
            dir="ltr"
            required
            autoComplete="off"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
        <TextInput
          label={t("name")}
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label={t("role")}
          options={ROLES.map((one) => ({ id: one, label: t(`role_${one}`) }))}
          value={role}
          onChange={(id) => setRole(id as Person["role"])}
        />
        <Check label={t("all_departments")} isOn={all} onChange={setAll} />
        {!all && (
          <fieldset className="field">
            <legend>{t("departments")}</legend>
            {departments.map((one) => (
              <Check
                key={one.department_id}
                label={`${one.code} · ${one.name}`}
                isOn={ids.includes(one.department_id)}
                onChange={(isOn) =>
                  setIds(isOn ? [...ids, one.department_id] : ids.filter((id) => id !== one.department_id))
                }
              />
            ))}
          </fieldset>
        )}
        <ErrorText error={write.error} />
        <Button type="submit" kind="primary" isBusy={write.isPending}>
          {person === null ? t("invite") : common("save")}
        </Button>
      </form>
    </Dialog>
  );
}
