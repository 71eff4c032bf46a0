import { useState } from "react";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { nurseTexts } from "../../texts/nurse";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Choice, TextInput } from "../../ui/Field";
import { news2 } from "./news2";
import { bodyOf, NOTHING, NUMBERS, signsOf, wrongWith, type Typed } from "./signs";

interface Props {
  item: QueueItem;
  /** Years; null when it is not known. */
  age: number | null;
  onDone: () => void;
}

const ACVPU = ["ALERT", "CONFUSION", "VOICE", "PAIN", "UNRESPONSIVE"] as const;

/** One set of vital signs. What was not measured stays empty. */
export function VitalsForm({ item, age, onDone }: Props) {
  const t = useTexts(nurseTexts);
  const intent = useIntent();
  const [typed, setTyped] = useState<Typed>(NOTHING);
  const [isTried, setTried] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const body = bodyOf(typed);
  const isWrong = NUMBERS.some(({ name }) => wrongWith(name, typed.numbers[name]) !== null);
  const isEmpty = Object.keys(body).length === 0;
  function change(part: Partial<Typed>): void {
    setSaved(false);
    setTyped((now) => ({ ...now, ...part }));
  }

  async function save(): Promise<void> {
    setTried(true);
    if (isWrong || isEmpty) return;
    const answer = await intent.run({
      method: "POST",
      path: `/api/v1/visits/${item.visit_id}/vitals`,
      body: { expected_version: item.version, ...body },
    });
    onDone();
    if (answer === null) return;
    setTyped(NOTHING);
    setTried(false);
    setSaved(true);
  }

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className="nurse-signs">
        {NUMBERS.map(({ name, decimals }) => {
          const wrong = wrongWith(name, typed.numbers[name]);
          return (
            <TextInput
              key={name}
              label={t(name)}
              inputMode={decimals === 0 ? "numeric" : "decimal"}
              autoComplete="off"
              maxLength={5}
              dir="ltr"
              value={typed.numbers[name] ?? ""}
              onChange={(event) => change({ numbers: { ...typed.numbers, [name]: event.target.value } })}
              complaint={wrong === null ? null : t(wrong)}
            />
          );
        })}
      </div>
      <Choice
        label={t("consciousness")}
        options={ACVPU.map((value) => ({ value, label: t(value) }))}
        value={typed.consciousness}
        onChange={(consciousness) => change({ consciousness })}
      />
      <Choice
        label={t("oxygen")}
        options={[
          { value: "air", label: t("air") },
          { value: "oxygen", label: t("on_oxygen") },
        ]}
        value={typed.onOxygen === null ? null : typed.onOxygen ? "oxygen" : "air"}
        onChange={(value) => change({ onOxygen: value === "oxygen" })}
      />
      <label className="row nurse-scale">
        <input
          type="checkbox"
          checked={typed.scale2}
          onChange={(event) => change({ scale2: event.target.checked })}
        />
        {t("scale_2")}
      </label>
      <Preview typed={typed} age={age} />
      {isTried && isEmpty && <p className="complaint">{t("nothing")}</p>}
      <ErrorText error={intent.error} />
      {isSaved && (
        <p className="notice" data-tone="good" role="status">
          {t("saved")}
        </p>
      )}
      <Button type="submit" kind="primary" size="big" isBusy={intent.isPending}>
        {t("save_vitals")}
      </Button>
    </form>
  );
}

/** NEWS2 of what stands in the form so far. */
function Preview({ typed, age }: { typed: Typed; age: number | null }) {
  const t = useTexts(nurseTexts);
  if (age !== null && age < 16) return <p className="muted small">{t("news2_child")}</p>;
  const score = news2(signsOf(typed));
  const tones = {
    risk_low: "good",
    risk_low_medium: "warn",
    risk_medium: "warn",
    risk_high: "danger",
  } as const;
  return (
    <p className="notice nurse-score" data-tone={tones[score.risk]} role="status">
      <span>{t("news2")}</span>
      <strong>{score.sum}</strong>
      <span>{score.missing > 0 ? t("news2_missing", { count: score.missing }) : t(score.risk)}</span>
    </p>
  );
}
