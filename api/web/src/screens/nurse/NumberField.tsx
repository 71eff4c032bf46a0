import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { nurseTexts } from "../../texts/nurse";
import { Labelled } from "../../ui/Field";
import { shown } from "../clinical/person";
import type { Signs } from "../clinical/news2";
import { unitOf, verdictOn, type NumberSign, type Typed } from "./typed";

interface Props {
  sign: NumberSign;
  typed: Typed;
  onChange: (typed: Typed) => void;
  before: Signs | undefined;
  /** Points in NEWS2; null where it has none. */
  points: number | null;
}

/** A sign with its unit, its last value, and what is odd about what was typed. */
export function NumberField({ sign, typed, onChange, before, points }: Props) {
  const t = useTexts(nurseTexts);
  const clinical = useTexts(clinicalTexts);
  const verdict = verdictOn(sign, typed);
  const isUnmeasurable = typed.unmeasurable.includes(sign.sign);
  const label = clinical(sign.field);
  const known = before?.[sign.field];
  let complaint: string | null = null;
  if (verdict.kind === "out_of_range") complaint = t("out_of_range", { min: verdict.min, max: verdict.max });
  else if (verdict.kind === "not_a_number" || verdict.kind === "not_whole") complaint = t(verdict.kind);

  function type(text: string): void {
    const unmeasurable =
      text === "" ? typed.unmeasurable : typed.unmeasurable.filter((one) => one !== sign.sign);
    onChange({ ...typed, numbers: { ...typed.numbers, [sign.sign]: text }, unmeasurable });
  }
  function giveUp(isGivenUp: boolean): void {
    const others = typed.unmeasurable.filter((one) => one !== sign.sign);
    onChange({
      ...typed,
      numbers: isGivenUp ? { ...typed.numbers, [sign.sign]: "" } : typed.numbers,
      unmeasurable: isGivenUp ? [...others, sign.sign] : others,
    });
  }

  return (
    <div className="sign" data-points={points ?? undefined}>
      <Labelled
        label={label}
        hint={
          known === undefined
            ? undefined
            : t("last_value", { value: shown(sign.sign, before ?? {}, clinical) })
        }
        complaint={complaint}
        isOptional={false}
      >
        {(wiring) => (
          <span className="sign-input">
            <input
              className="input"
              dir="ltr"
              inputMode={sign.decimals === 0 ? "numeric" : "decimal"}
              autoComplete="off"
              maxLength={7}
              value={typed.numbers[sign.sign] ?? ""}
              onChange={(event) => type(event.target.value)}
              {...wiring}
            />
            <UnitPart sign={sign} typed={typed} onChange={onChange} label={label} />
            {points !== null && (
              <span className="sign-points" data-points={points}>
                <span aria-hidden="true">{points}</span>
                <span className="visually-hidden">{clinical("news2_points", { count: points })}</span>
              </span>
            )}
          </span>
        )}
      </Labelled>
      {verdict.kind === "unusual" && <p className="sign-unusual">{t("unusual")}</p>}
      <label className="sign-could-not">
        <input type="checkbox" checked={isUnmeasurable} onChange={(event) => giveUp(event.target.checked)} />
        {t("could_not")}
        <span className="visually-hidden">: {label}</span>
      </label>
    </div>
  );
}

interface UnitProps {
  sign: NumberSign;
  typed: Typed;
  onChange: (typed: Typed) => void;
  label: string;
}

function UnitPart({ sign, typed, onChange, label }: UnitProps) {
  const t = useTexts(nurseTexts);
  if (sign.units.length === 1) {
    return (
      <span className="sign-unit" dir="ltr">
        {unitOf(sign, typed).name}
      </span>
    );
  }
  return (
    <select
      className="sign-unit"
      dir="ltr"
      aria-label={t("unit_of", { name: label })}
      value={typed.units[sign.sign] ?? 0}
      onChange={(event) =>
        onChange({ ...typed, units: { ...typed.units, [sign.sign]: Number(event.target.value) } })
      }
    >
      {sign.units.map((unit, index) => (
        <option key={unit.name} value={index}>
          {unit.name}
        </option>
      ))}
    </select>
  );
}
