import { useState, type SubmitEvent } from "react";
import type { Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { commonTexts } from "../../../texts/common";
import { linksTexts } from "../../../texts/links";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { Choice } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import { Select } from "../../../ui/staff/Select";
import { Copy } from "../parts/Copy";
import { useAllDoctors, useDepartments } from "../parts/data";
import { useAct } from "../parts/useAct";
import { PosterSheet } from "./Poster";

type Kind = "poster" | "single_use";
const DAY = 24 * 60;
const TERMS = [
  { id: "h1", minutes: 60 },
  { id: "d1", minutes: DAY },
  { id: "d7", minutes: 7 * DAY },
  { id: "d30", minutes: 30 * DAY },
  { id: "d365", minutes: 365 * DAY },
] as const;

interface Props {
  onClose: () => void;
  onIssued: () => void;
}

/** Issues a link, then shows it: its address is shown this once. */
export function Issue({ onClose, onIssued }: Props) {
  const t = useTexts(linksTexts);
  const common = useTexts(commonTexts);
  const departments = useDepartments();
  const doctors = useAllDoctors();
  const [kind, setKind] = useState<Kind>("poster");
  const [chosen, setChosen] = useState<string | null>(null);
  const [doctor, setDoctor] = useState("any");
  const [term, setTerm] = useState<(typeof TERMS)[number]["id"]>("d30");
  const act = useAct<Schemas["Issued"]>();
  const [issued, setIssued] = useState<Schemas["Issued"] | null>(null);
  const department = chosen ?? departments.data?.[0]?.department_id ?? null;
  const own =
    doctors.data?.filter((one) => department !== null && one.departments.includes(department)) ?? [];

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (department === null) return;
    const ttl_minutes = TERMS.find((one) => one.id === term)?.minutes ?? DAY;
    const body = {
      department_id: department,
      kind,
      ttl_minutes,
      ...(doctor === "any" ? {} : { doctor_id: doctor }),
    };
    const done = await act.run({ method: "POST", path: "/api/v1/links", body });
    if (done === null) return;
    setIssued(done.value);
    onIssued();
  }

  if (issued !== null) {
    return (
      <Dialog title={t("issued_title")} isOpen isWide onClose={onClose}>
        <p className="no-print">{t("issued_text")}</p>
        <div className="no-print">
          <Copy text={issued.url} label={t("address")} />
        </div>
        <PosterSheet link={issued.link} />
      </Dialog>
    );
  }
  return (
    <Dialog title={t("issue")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Choice
          label={t("kind")}
          value={kind}
          options={[
            { value: "poster", label: t("kind_poster") },
            { value: "single_use", label: t("kind_single_use") },
          ]}
          onChange={(next) => {
            setKind(next);
            setTerm(next === "poster" ? "d30" : "d1");
          }}
        />
        <p className="muted small">{t(`kind_${kind}_text`)}</p>
        <Select
          label={t("department")}
          value={department}
          options={(departments.data ?? []).map((one) => ({
            id: one.department_id,
            label: one.name,
            detail: one.code,
          }))}
          onChange={(id) => {
            setChosen(id);
            setDoctor("any");
          }}
        />
        <Select
          label={t("doctor")}
          value={doctor}
          options={[
            { id: "any", label: t("any_doctor") },
            ...own.map((one) => ({ id: one.doctor_id, label: one.name })),
          ]}
          onChange={setDoctor}
        />
        <Select
          label={t("valid_for")}
          value={term}
          options={TERMS.map(({ id }) => ({ id, label: t(`term_${id}`) }))}
          onChange={(id) => setTerm(id as typeof term)}
        />
        <ErrorText error={act.error} />
        <div className="row">
          <Button kind="primary" type="submit" isBusy={act.isPending} isDisabled={department === null}>
            {t("issue")}
          </Button>
          <Button onClick={onClose}>{common("cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
