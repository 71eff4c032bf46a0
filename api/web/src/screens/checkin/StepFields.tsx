import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { checkinTexts } from "../../texts/checkin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { Choice, TextArea, TextInput } from "../../ui/Field";
import type { Complaint, Sex, Step } from "./draft";
import type { CheckIn } from "./useCheckIn";

interface Props {
  step: Step;
  checkIn: CheckIn;
  questions: readonly Schemas["QuestionView"][];
  complaints: ReadonlyMap<string, Complaint>;
  onEdit: (step: Step) => void;
}

export function StepFields(props: Props) {
  if (props.step === "flags") return <Flags {...props} />;
  if (props.step === "reason") return <Reason {...props} />;
  if (props.step === "you") return <You {...props} />;
  return <Check {...props} />;
}

function Flags({ checkIn, questions, complaints }: Props) {
  const t = useTexts(checkinTexts);
  const common = useTexts(commonTexts);
  const { answers } = checkIn.draft;
  const isAnyYes = Object.values(answers).includes(true);
  const options = [
    { value: "no", label: common("no") },
    { value: "yes", label: common("yes") },
  ] as const;
  return (
    <>
      <p>{t("flags_text")}</p>
      <Button
        size="big"
        onClick={() =>
          checkIn.change({ answers: Object.fromEntries(questions.map(({ id }) => [id, false])) })
        }
      >
        {t("all_no")}
      </Button>
      <div className="checkin-flags">
        {questions.map((question) => {
          const given = answers[question.id];
          const complaint = complaints.get(question.id);
          return (
            <Choice
              key={question.id}
              label={question.text}
              options={options}
              value={given === undefined ? null : given ? "yes" : "no"}
              onChange={(value) =>
                checkIn.change({ answers: { ...answers, [question.id]: value === "yes" } })
              }
              complaint={complaint === undefined ? null : t(complaint)}
            />
          );
        })}
      </div>
      <div role="alert">
        {isAnyYes && (
          <p className="notice" data-tone="danger">
            <strong>{t("flags_now")}</strong>
          </p>
        )}
      </div>
    </>
  );
}

function Reason({ checkIn, complaints }: Props) {
  const t = useTexts(checkinTexts);
  const complaint = complaints.get("complaint");
  return (
    <TextArea
      label={t("reason")}
      hint={t("reason_hint")}
      rows={4}
      maxLength={500}
      value={checkIn.draft.complaint}
      onChange={(event) => checkIn.change({ complaint: event.target.value })}
      complaint={complaint === undefined ? null : t(complaint)}
    />
  );
}

function You({ checkIn, complaints }: Props) {
  const t = useTexts(checkinTexts);
  const { draft, change } = checkIn;
  const complaint = (field: string) => {
    const found = complaints.get(field);
    return found === undefined ? null : t(found);
  };
  const sexes = (["FEMALE", "MALE", "OTHER"] as const).map((value) => ({ value, label: t(value) }));
  return (
    <>
      <TextInput
        label={t("name")}
        autoComplete="name"
        maxLength={120}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
        complaint={complaint("name")}
      />
      <TextInput
        label={t("age")}
        hint={t("age_hint")}
        inputMode="numeric"
        autoComplete="off"
        maxLength={3}
        value={draft.age}
        onChange={(event) => change({ age: event.target.value })}
        complaint={complaint("age")}
      />
      <Choice<Sex> label={t("sex")} options={sexes} value={draft.sex} onChange={(sex) => change({ sex })} />
      <TextInput
        label={t("phone")}
        hint={t("phone_hint")}
        isOptional
        type="tel"
        autoComplete="tel"
        maxLength={32}
        value={draft.phone}
        onChange={(event) => change({ phone: event.target.value })}
      />
    </>
  );
}

function Check({ checkIn, questions, onEdit }: Props) {
  const t = useTexts(checkinTexts);
  const { draft } = checkIn;
  const yes = questions.filter((question) => draft.answers[question.id] === true);
  return (
    <dl className="checkin-check">
      <Line label={t("name")} step="you" onEdit={onEdit}>
        {draft.name}
      </Line>
      <Line label={t("age")} step="you" onEdit={onEdit}>
        {draft.age}
      </Line>
      <Line label={t("reason_title")} step="reason" onEdit={onEdit}>
        {draft.complaint}
      </Line>
      {yes.length > 0 && (
        <Line label={t("answered_yes")} step="flags" onEdit={onEdit}>
          {yes.map((question) => question.text).join(" · ")}
        </Line>
      )}
    </dl>
  );
}

interface LineProps {
  label: string;
  step: Step;
  onEdit: (step: Step) => void;
  children: string;
}

function Line({ label, step, onEdit, children }: LineProps) {
  const t = useTexts(checkinTexts);
  return (
    <div>
      <dt className="muted">{label}</dt>
      <dd>
        <span dir="auto">{children}</span>
        <Button
          kind="quiet"
          size="small"
          aria-label={`${t("change")}: ${label}`}
          onClick={() => onEdit(step)}
        >
          {t("change")}
        </Button>
      </dd>
    </div>
  );
}
