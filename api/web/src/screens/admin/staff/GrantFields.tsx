import { useTexts } from "../../../i18n/texts";
import { staffTexts } from "../../../texts/staff";
import { Select } from "../../../ui/staff/Select";
import { Check } from "../parts/Check";
import { useDepartments } from "../parts/data";
import { ROLES, type Grants, type StaffRole } from "./filter";

interface Props {
  grants: Grants;
  complaint: string | null;
  onChange: (grants: Grants) => void;
}

/** The role of an account, and the departments in which it acts. */
export function GrantFields({ grants, complaint, onChange }: Props) {
  const t = useTexts(staffTexts);
  const departments = useDepartments();
  function toggle(id: string, isOn: boolean): void {
    const others = grants.departments.filter((one) => one !== id);
    onChange({ ...grants, departments: isOn ? [...others, id] : others });
  }
  return (
    <>
      <Select
        label={t("role")}
        value={grants.role}
        options={ROLES.map((id) => ({ id, label: t(`role_${id}`) }))}
        onChange={(id) => onChange({ ...grants, role: id as StaffRole })}
      />
      <p className="muted small">{t(`role_${grants.role}_text`)}</p>
      <fieldset className="field">
        <legend>{t("departments")}</legend>
        <Check
          label={t("all_departments")}
          hint={t("all_departments_hint")}
          isOn={grants.isEverywhere}
          onChange={(isEverywhere) => onChange({ ...grants, isEverywhere })}
        />
        {!grants.isEverywhere &&
          departments.data?.map((department) => (
            <Check
              key={department.department_id}
              label={`${department.code} · ${department.name}`}
              isOn={grants.departments.includes(department.department_id)}
              onChange={(isOn) => toggle(department.department_id, isOn)}
            />
          ))}
        {complaint !== null && (
          <span className="complaint" role="alert">
            {complaint}
          </span>
        )}
      </fieldset>
    </>
  );
}
