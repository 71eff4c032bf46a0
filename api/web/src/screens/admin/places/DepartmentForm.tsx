import { useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { adminTexts } from "../../../texts/admin";
import { commonTexts } from "../../../texts/common";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextInput } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import { Select } from "../../../ui/staff/Select";
import { Check } from "../parts/Check";
import { useDepartments, type Department } from "../parts/data";
import { changedSince, complaintsOf, departmentBody, NEW_DEPARTMENT, type DepartmentBody } from "./settings";

interface Props {
  /** Null makes a new one. */
  department: Department | null;
  onClose: () => void;
  onSaved: (text: string) => void;
}

const LEVELS = [1, 2, 3, 4, 5] as const;

/** All settings of a department. What somebody else changed meanwhile is shown, and nothing typed is lost. */
export function DepartmentForm({ department, onClose, onSaved }: Props) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const client = useQueryClient();
  const departments = useDepartments();
  const [body, setBody] = useState(() => (department === null ? NEW_DEPARTMENT : departmentBody(department)));
  const [isChecked, setIsChecked] = useState(false);
  const save = useIntent();
  const now = departments.data?.find((one) => one.department_id === department?.department_id) ?? null;
  const isConflict = save.error?.code === "version_conflict";
  const changed = isConflict && department !== null && now !== null ? changedSince(department, now) : [];
  const complaints = isChecked ? complaintsOf(body) : {};
  const complaint = (field: keyof DepartmentBody) => {
    const key = complaints[field];
    return key === undefined ? (save.error?.field(`/${field}`) ?? null) : t(key);
  };
  const change = (more: Partial<DepartmentBody>) => setBody((last) => ({ ...last, ...more }));

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setIsChecked(true);
    if (Object.keys(complaintsOf(body)).length > 0) return;
    // After a conflict, saving again means to put what stands here over what stands there now.
    const { expected_version: seen, ...settings } = body;
    const version = isConflict ? now?.version : seen;
    const write =
      department === null
        ? ({ method: "POST", path: "/api/v1/departments", body: settings } as const)
        : ({
            method: "PUT",
            path: `/api/v1/departments/${department.department_id}`,
            body: { ...settings, expected_version: version },
          } as const);
    const done = await save.run(write);
    if (done !== null) onSaved(t("department_saved", { name: body.name }));
    else await client.invalidateQueries({ queryKey: ["departments"] });
  }

  return (
    <Dialog
      title={t(department === null ? "add_department" : "edit_department")}
      isOpen
      isWide
      onClose={onClose}
    >
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <div className="admin-fields">
          <TextInput
            label={t("code")}
            hint={t("code_hint")}
            value={body.code}
            maxLength={6}
            dir="ltr"
            autoCapitalize="characters"
            autoFocus
            complaint={complaint("code")}
            onChange={(event) => change({ code: event.target.value.toUpperCase() })}
          />
          <TextInput
            label={t("name")}
            hint={t("name_hint")}
            value={body.name}
            maxLength={80}
            complaint={complaint("name")}
            onChange={(event) => change({ name: event.target.value })}
          />
        </div>
        <Check label={t("takes_patients")} isOn={body.open} onChange={(open) => change({ open })} />
        <Targets body={body} complaint={complaint("target_minutes")} onChange={change} />
        <div className="admin-fields">
          <Select
            label={t("default_level")}
            value={String(body.default_level)}
            options={LEVELS.map((level) => ({
              id: String(level),
              label: `${level} · ${common(`level_${level}`)}`,
            }))}
            onChange={(id) => change({ default_level: Number(id) })}
          />
          <Select
            label={t("triage_policy")}
            value={body.triage_policy}
            options={(["off", "suggest", "raise_only"] as const).map((id) => ({
              id,
              label: t(`policy_${id}`),
            }))}
            onChange={(id) => change({ triage_policy: id as NonNullable<DepartmentBody["triage_policy"]> })}
          />
          <Select
            label={t("transfer_place")}
            value={body.transfer_place}
            options={(["FRONT", "BY_ARRIVAL", "BACK"] as const).map((id) => ({
              id,
              label: t(`place_${id}`),
            }))}
            onChange={(id) => change({ transfer_place: id as NonNullable<DepartmentBody["transfer_place"]> })}
          />
          <Select
            label={t("return_place")}
            value={body.return_place}
            options={(["ORIGINAL", "AFTER", "BACK"] as const).map((id) => ({ id, label: t(`return_${id}`) }))}
            onChange={(id) => change({ return_place: id as NonNullable<DepartmentBody["return_place"]> })}
          />
          <Whole
            label={t("no_show_recalls")}
            value={body.no_show_recalls}
            complaint={complaint("no_show_recalls")}
            onChange={(no_show_recalls) => change({ no_show_recalls })}
          />
          <Whole
            label={t("no_show_grace_s")}
            value={body.no_show_grace_s}
            complaint={complaint("no_show_grace_s")}
            onChange={(no_show_grace_s) => change({ no_show_grace_s })}
          />
        </div>
        <Check
          label={t("exempt")}
          hint={t("exempt_hint")}
          isOn={body.exempt_from_day_close}
          onChange={(exempt_from_day_close) => change({ exempt_from_day_close })}
        />
        {changed.length > 0 && (
          <p className="notice" data-tone="warn">
            {t("changed_meanwhile", { fields: changed.map((key) => t(fieldName(key))).join(", ") })}
          </p>
        )}
        <ErrorText error={save.error} />
        <div className="row">
          <Button kind="primary" type="submit" isBusy={save.isPending}>
            {t(isConflict ? "save_over" : "save_department")}
          </Button>
          <Button onClick={onClose}>{common("cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

const FIELDS = {
  code: "code",
  name: "name",
  open: "takes_patients",
  default_level: "default_level",
  target_minutes: "targets",
  transfer_place: "transfer_place",
  return_place: "return_place",
  no_show_recalls: "no_show_recalls",
  no_show_grace_s: "no_show_grace_s",
  exempt_from_day_close: "exempt",
  triage_policy: "triage_policy",
} as const;

function fieldName(key: keyof Department): (typeof FIELDS)[keyof typeof FIELDS] {
  return key in FIELDS ? FIELDS[key as keyof typeof FIELDS] : "name";
}

interface PartProps {
  body: DepartmentBody;
  complaint: string | null;
  onChange: (more: Partial<DepartmentBody>) => void;
}

function Targets({ body, complaint, onChange }: PartProps) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const targets = body.target_minutes;
  return (
    <fieldset className="field">
      <legend>{t("targets")}</legend>
      <span className="hint">{t("targets_hint")}</span>
      <div className="admin-levels">
        {LEVELS.map((level) => (
          <TextInput
            key={level}
            label={common("level", { level })}
            inputMode="numeric"
            dir="ltr"
            value={numeral(targets[level - 1])}
            aria-invalid={complaint !== null || undefined}
            onChange={(event) =>
              onChange({
                target_minutes: LEVELS.map((one) =>
                  one === level ? whole(event.target.value) : (targets[one - 1] ?? NaN),
                ),
              })
            }
          />
        ))}
      </div>
      {complaint !== null && (
        <span className="complaint" role="alert">
          {complaint}
        </span>
      )}
    </fieldset>
  );
}

interface WholeProps {
  label: string;
  value: number | undefined;
  complaint: string | null;
  onChange: (value: number) => void;
}

/** A whole number; NaN while it is none, which the complaint then says. */
export function Whole({ label, value, complaint, onChange }: WholeProps) {
  return (
    <TextInput
      label={label}
      inputMode="numeric"
      dir="ltr"
      value={numeral(value)}
      complaint={complaint}
      onChange={(event) => onChange(whole(event.target.value))}
    />
  );
}

function numeral(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "" : String(value);
}

function whole(text: string): number {
  const digits = text.replace(/\D/g, "").slice(0, 6);
  return digits === "" ? NaN : Number(digits);
}
