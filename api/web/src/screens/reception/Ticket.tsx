import type { Department } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { receptionTexts } from "../../texts/reception";
import { useTimes } from "../../time/times";
import { Button } from "../../ui/Button";
import { useState } from "react";

interface Props {
  token: string;
  department: Department;
  onNext: () => void;
}

/** The number of whoever was just checked in, to be read out or printed. */
export function Ticket({ token, department, onNext }: Props) {
  const t = useTexts(receptionTexts);
  const times = useTimes();
  const [at] = useState(() => Date.now());
  return (
    <section className="card stack ticket" role="status">
      <h2>{t("checked_in")}</h2>
      <p>{t("give_token")}</p>
      <p className="ticket-paper">
        <span>
          <bdi>{department.name}</bdi>
        </span>
        <span className="token">{token}</span>
        <span className="muted">{times.dateTime(at)}</span>
      </p>
      <div className="row ticket-tools">
        <Button kind="primary" size="big" autoFocus onClick={onNext}>
          {t("next_patient")}
        </Button>
        <Button size="big" onClick={() => window.print()}>
          {t("print")}
        </Button>
      </div>
    </section>
  );
}
