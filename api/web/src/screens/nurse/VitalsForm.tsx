import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { recall, remember } from "../../intent/memory";
import { clinicalTexts } from "../../texts/clinical";
import { nurseTexts } from "../../texts/nurse";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Choice } from "../../ui/Field";
import { Conflict } from "../clinical/Conflict";
import { Score } from "../clinical/Findings";
import { AGE_MIN, merge, news2, NEWS2_SIGNS } from "../clinical/news2";
import { ageOf, isPregnant } from "../clinical/person";
import { useVisitWrite, type Visit } from "../clinical/useVisit";
import { NumberField } from "./NumberField";
import { isDiastolicAbove, isEmpty, isWrong, NOTHING, NUMBER_SIGNS, signsOf, type Typed } from "./typed";

const ACVPU = ["ALERT", "CONFUSION", "VOICE", "PAIN", "UNRESPONSIVE"] as const;
const UNITS = "medique.units";

interface Props {
  visit: Visit;
  onSettled: () => void;
}

/** One round of vital signs, with NEWS2 as it is typed. */
export function VitalsForm({ visit, onSettled }: Props) {
  const t = useTexts(nurseTexts);
  const clinical = useTexts(clinicalTexts);
  const write = useVisitWrite(visit, onSettled);
  const [typed, setTyped] = useState<Typed>(() => ({
    ...NOTHING,
    units: recall<Typed["units"]>("local", UNITS) ?? {},
  }));
  const [isTried, setTried] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const signs = signsOf(typed);
  const merged = merge(visit.vitals, signs);
  const score = isScored(visit) ? news2(merged) : null;

  function change(next: Typed): void {
    if (next.units !== typed.units) remember("local", UNITS, next.units);
    setTyped(next);
    setSaved(false);
  }
  async function save(): Promise<void> {
    setTried(true);
    if (isWrong(typed) || isEmpty(signs)) return;
    const answered = await write.run("vitals", signs);
    if (answered === null) return;
    setTyped({ ...NOTHING, units: typed.units });
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
      <div>
        <h2>{t("enter_vitals")}</h2>
        <p className="muted small">{t("enter_hint")}</p>
      </div>
      <div className="signs">
        {NUMBER_SIGNS.map((sign) => {
          const scored = NEWS2_SIGNS.find((one) => one === sign.sign);
          return (
            <NumberField
              key={sign.sign}
              sign={sign}
              typed={typed}
              onChange={change}
              before={visit.vitals}
              points={scored === undefined ? null : (score?.points.get(scored) ?? null)}
            />
          );
        })}
      </div>
      {isDiastolicAbove(merged) && (
        <p className="notice" data-tone="warn">
          {t("diastolic_above")}
        </p>
      )}
      <Choice
        label={clinical("consciousness")}
        options={ACVPU.map((value) => ({ value, label: clinical(`acvpu_${value}`) }))}
        value={typed.consciousness ?? null}
        onChange={(consciousness) => change({ ...typed, consciousness })}
      />
      <Oxygen visit={visit} typed={typed} onChange={change} />
      <Preview visit={visit} score={score} />
      {isTried && isEmpty(signs) && <p className="complaint">{t("nothing_entered")}</p>}
      {write.refused === null ? (
        <ErrorText error={write.error} />
      ) : (
        <Conflict seen={write.refused} now={visit} />
      )}
      <div className="row">
        <Button type="submit" kind="primary" size="big" isBusy={write.isPending}>
          {t("save_vitals")}
        </Button>
        <span role="status">{isSaved && t("saved")}</span>
      </div>
    </form>
  );
}

/** As the api has it: from 16 years, when the age is known, and not in pregnancy. */
function isScored(visit: Visit): boolean {
  return (ageOf(visit) ?? 0) >= AGE_MIN && !isPregnant(visit);
}

interface OxygenProps {
  visit: Visit;
  typed: Typed;
  onChange: (typed: Typed) => void;
}

function Oxygen({ visit, typed, onChange }: OxygenProps) {
  const t = useTexts(nurseTexts);
  const clinical = useTexts(clinicalTexts);
  const given = typed.onOxygen === null ? null : typed.onOxygen ? "oxygen" : "air";
  return (
    <>
      <Choice
        label={clinical("on_oxygen")}
        options={[
          { value: "air", label: clinical("air") },
          { value: "oxygen", label: clinical("oxygen") },
        ]}
        value={given}
        onChange={(value) => onChange({ ...typed, onOxygen: value === "oxygen" })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={typed.isScale2 ?? visit.vitals?.oxygen_scale_2 === true}
          onChange={(event) => onChange({ ...typed, isScale2: event.target.checked })}
        />
        <span>
          {t("scale_2")}
          <span className="muted small sign-hint">{t("scale_2_hint")}</span>
        </span>
      </label>
    </>
  );
}

/** The score of the last signs and those that stand in the form; stays in sight while they are typed. */
function Preview({ visit, score }: { visit: Visit; score: ReturnType<typeof news2> | null }) {
  const t = useTexts(nurseTexts);
  const clinical = useTexts(clinicalTexts);
  if (score === null) {
    return <p className="notice">{clinical(isPregnant(visit) ? "news2_pregnant" : "news2_adults")}</p>;
  }
  if (score.points.size === 0) return null;
  return (
    <div className="preview" role="status">
      <p className="small">
        <strong>{t("preview")}</strong> <span className="muted">{t("preview_note")}</span>
      </p>
      <Score score={score.measured} missing={score.missing} risk={score.risk} />
    </div>
  );
}
