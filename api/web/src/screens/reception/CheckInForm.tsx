import { useState } from "react";
import type { Department } from "../../hospital/useDepartments";
import { useDoctors } from "../../hospital/useDepartments";
import { isSameName } from "../../hospital/find";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { receptionTexts } from "../../texts/reception";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Choice, TextInput } from "../../ui/Field";
import { Select } from "../../ui/staff/Select";
import { ageOf } from "../checkin/draft";
import { Ticket } from "./Ticket";

interface Props {
  department: Department;
  items: readonly QueueItem[];
  onDone: () => void;
}

type Sex = "FEMALE" | "MALE" | "OTHER";

const EMPTY = { name: "", age: "", complaint: "", phone: "", sex: null as Sex | null, doctor: "" };

/** Quick check-in: name, age, reason; the rest when it is known. */
export function CheckInForm({ department, items, onDone }: Props) {
  const t = useTexts(receptionTexts);
  const doctors = useDoctors(department.department_id);
  const intent = useIntent("medique.desk.check-in");
  const [draft, setDraft] = useState(EMPTY);
  const [isTried, setTried] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const change = (part: Partial<typeof EMPTY>) => setDraft((now) => ({ ...now, ...part }));
  const wrong = {
    name: draft.name.trim() === "" ? t("wrong_name") : null,
    age: ageOf(draft.age) === null ? t("wrong_age") : null,
    complaint: draft.complaint.trim() === "" ? t("wrong_complaint") : null,
  };
  const twin = items.find((item) => item.name !== undefined && isSameName(item.name, draft.name));

  async function send(allowDuplicate: boolean): Promise<void> {
    setTried(true);
    if (Object.values(wrong).some((one) => one !== null)) return;
    const answer = await intent.run({
      method: "POST",
      path: "/api/v1/visits",
      body: bodyOf(department, draft, allowDuplicate),
    });
    if (answer === null) return;
    setToken(answer.result?.visit?.token ?? "");
    setDraft(EMPTY);
    setTried(false);
    onDone();
  }

  if (token !== null) return <Ticket token={token} department={department} onNext={() => setToken(null)} />;
  return (
    <form
      className="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send(false);
      }}
    >
      <h2>{t("check_in")}</h2>
      <TextInput
        label={t("name")}
        autoComplete="off"
        maxLength={120}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
        complaint={isTried ? wrong.name : null}
      />
      {twin !== undefined && (
        <p className="notice" data-tone="warn" role="status">
          <strong>{t("duplicate")}</strong> <br />
          {t("duplicate_here", { token: twin.token ?? "", name: twin.name ?? "" })}
        </p>
      )}
      <TextInput
        label={t("age")}
        inputMode="numeric"
        autoComplete="off"
        maxLength={3}
        value={draft.age}
        onChange={(event) => change({ age: event.target.value })}
        complaint={isTried ? wrong.age : null}
      />
      <TextInput
        label={t("complaint")}
        autoComplete="off"
        maxLength={500}
        value={draft.complaint}
        onChange={(event) => change({ complaint: event.target.value })}
        complaint={isTried ? wrong.complaint : null}
      />
      <Choice<Sex>
        label={t("sex")}
        options={(["FEMALE", "MALE", "OTHER"] as const).map((value) => ({ value, label: t(value) }))}
        value={draft.sex}
        onChange={(sex) => change({ sex })}
      />
      <TextInput
        label={t("phone")}
        isOptional
        type="tel"
        autoComplete="off"
        maxLength={32}
        value={draft.phone}
        onChange={(event) => change({ phone: event.target.value })}
      />
      <Select
        label={t("doctor")}
        options={[
          { id: "", label: t("any_doctor") },
          ...(doctors.data ?? []).map((one) => ({ id: one.doctor_id, label: one.name })),
        ]}
        value={draft.doctor}
        onChange={(doctor) => change({ doctor })}
      />
      <ErrorText error={intent.error} />
      {intent.error?.code === "already_in_queue" && (
        <Button onClick={() => void send(true)}>{t("check_in_anyway")}</Button>
      )}
      <Button type="submit" kind="primary" size="big" isBusy={intent.isPending}>
        {t("check_in")}
      </Button>
    </form>
  );
}

function bodyOf(department: Department, draft: typeof EMPTY, allowDuplicate: boolean) {
  const phone = draft.phone.trim();
  return {
    department_id: department.department_id,
    patient: {
      name: draft.name.trim(),
      age_years: ageOf(draft.age),
      ...(phone === "" ? {} : { phone }),
      ...(draft.sex === null ? {} : { sex: draft.sex }),
    },
    complaint: draft.complaint.trim(),
    ...(draft.doctor === "" ? {} : { assigned_doctor_id: draft.doctor }),
    allow_duplicate: allowDuplicate,
  };
}
