import { useQueryClient } from "@tanstack/react-query";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { adminTexts } from "../../../texts/admin";
import { ErrorText } from "../../../ui/ErrorText";
import type { Doctor } from "../parts/data";

const STATUSES = ["AVAILABLE", "PAUSED", "OFFLINE"] as const;

/** Who takes patients; an administrator can pause somebody who forgot to. */
export function Doctors({ doctors }: { doctors: readonly Doctor[] }) {
  const t = useTexts(adminTexts);
  return (
    <>
      <h3>{t("doctors")}</h3>
      <ul className="admin-rooms">
        {doctors.map((doctor) => (
          <DoctorLine key={doctor.doctor_id} doctor={doctor} />
        ))}
      </ul>
    </>
  );
}

function DoctorLine({ doctor }: { doctor: Doctor }) {
  const t = useTexts(adminTexts);
  const client = useQueryClient();
  const change = useIntent();
  async function set(status: string): Promise<void> {
    const path = `/api/v1/doctors/${doctor.doctor_id}/availability`;
    const done = await change.run({ method: "POST", path, body: { status } });
    if (done !== null) await client.invalidateQueries({ queryKey: ["doctors"] });
  }
  return (
    <li>
      <bdi className="admin-grow">{doctor.name}</bdi>
      <span className="muted small">{t("patients_in_hand", { count: doctor.patients })}</span>
      <select
        className="preference"
        aria-label={`${t("takes_patients")}: ${doctor.name}`}
        value={doctor.status}
        aria-busy={change.isPending}
        onChange={(event) => void set(event.target.value)}
      >
        {STATUSES.map((status) => (
          <option key={status} value={status}>
            {t(`doctor_${status}`)}
          </option>
        ))}
      </select>
      <ErrorText error={change.error} />
    </li>
  );
}
