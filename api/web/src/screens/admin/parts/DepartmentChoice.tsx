import { useTexts } from "../../../i18n/texts";
import { figuresTexts } from "../../../texts/figures";
import { Select } from "../../../ui/staff/Select";
import { useDepartments } from "./data";

/** One department, or null for all. */
export function DepartmentChoice({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const t = useTexts(figuresTexts);
  const departments = useDepartments();
  const options = (departments.data ?? []).map((one) => ({
    id: one.department_id,
    label: one.name,
    detail: one.code,
  }));
  return (
    <Select
      label={t("departments")}
      value={value ?? "all"}
      options={[{ id: "all", label: t("all_departments") }, ...options]}
      onChange={(id) => onChange(id === "all" ? null : id)}
    />
  );
}
