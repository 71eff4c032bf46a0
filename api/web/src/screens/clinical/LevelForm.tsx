import { useId, useState } from "react";
import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Conflict } from "./Conflict";
import { demandsOf, type Level } from "./level";
import { useVisitWrite, type Visit } from "./useVisit";

const LEVELS: readonly Level[] = [1, 2, 3, 4, 5];

interface Props {
  visit: Visit;
  onSettled: () => void;
  onDone?: (version: number) => void;
}

/** The clinician's own level. Nothing is chosen beforehand: a default would be a suggestion. */
export function LevelForm({ visit, onSettled, onDone }: Props) {
  const t = useTexts(clinicalTexts);
  const common = useTexts(commonTexts);
  const name = useId();
  const write = useVisitWrite(visit, onSettled);
  const [level, setLevel] = useState<Level | null>(null);
  const [reason, setReason] = useState("");
  const [isOverride, setOverride] = useState(false);
  const [isTried, setTried] = useState(false);
  const [saved, setSaved] = useState<number | null>(null);
  const demands = level === null ? null : demandsOf(level, visit);
  const lacksReason = demands !== null && demands.reason && reason.trim() === "";
  const lacksOverride = demands !== null && demands.override && !isOverride;

  async function send(): Promise<void> {
    setTried(true);
    if (level === null || lacksReason || lacksOverride) return;
    const body = { level, reason: reason.trim(), override_floor: demands?.override === true && isOverride };
    const answered = await write.run("acuity", body);
    if (answered === null) return;
    setSaved(level);
    setLevel(null);
    setReason("");
    setOverride(false);
    setTried(false);
    if (answered.result?.visit !== undefined) onDone?.(answered.result.visit.version);
  }

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset className="levels">
        <legend>
          <span className="visually-hidden">{t("own_level")}. </span>
          <span className="muted small">{t("own_level_text")}</span>
        </legend>
        {LEVELS.map((one) => (
          <label key={one} data-level={one}>
            <input
              type="radio"
              name={name}
              value={one}
              checked={one === level}
              onChange={() => {
                setLevel(one);
                setSaved(null);
              }}
            />
            <span className="level" data-level={one}>
              {one}
            </span>
            <span>{common(`level_${one}`)}</span>
          </label>
        ))}
      </fieldset>
      {demands?.override === true && (
        <label className="check">
          <input
            type="checkbox"
            checked={isOverride}
            onChange={(event) => setOverride(event.target.checked)}
          />
          <span>{t("override", { level: visit.floor?.level ?? 5 })}</span>
        </label>
      )}
      {isTried && lacksOverride && <p className="complaint">{t("override_missing")}</p>}
      {level !== null && (
        <TextInput
          label={t("reason")}
          hint={demands?.reason === true ? t("reason_lower") : undefined}
          isOptional={demands?.reason !== true}
          maxLength={300}
          value={reason}
          complaint={isTried && lacksReason ? t("reason_missing") : null}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      {write.refused === null ? (
        <ErrorText error={write.error} />
      ) : (
        <Conflict seen={write.refused} now={visit} />
      )}
      <div className="row">
        <Button type="submit" kind="primary" isBusy={write.isPending} isDisabled={level === null}>
          {level === null ? t("set_level_none") : t("set_level", { level })}
        </Button>
        <span role="status">{saved !== null && t("level_saved", { level: saved })}</span>
      </div>
    </form>
  );
}
