import { useQueryClient } from "@tanstack/react-query";
import type { Doctor } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { doctorTexts } from "../../texts/doctor";
import { ErrorText } from "../../ui/ErrorText";
import { Select } from "../../ui/staff/Select";

const STATES = ["AVAILABLE", "PAUSED", "OFFLINE"] as const;

/** Whether patients are given to this doctor. */
export function Availability({ doctor }: { doctor: Doctor }) {
  const t = useTexts(doctorTexts);
  const client = useQueryClient();
  const intent = useIntent();
  async function set(status: string): Promise<void> {
    await intent.run({
      method: "POST",
      path: `/api/v1/doctors/${doctor.doctor_id}/availability`,
      body: { status },
    });
    await client.invalidateQueries({ queryKey: ["doctors"] });
  }
  return (
    <div>
      <Select
        label={t("availability")}
        isLabelHidden
        options={STATES.map((state) => ({ id: state, label: t(`status_${state}`) }))}
        value={doctor.status}
        onChange={(status) => void set(status)}
      />
      <ErrorText error={intent.error} />
    </div>
  );
}
