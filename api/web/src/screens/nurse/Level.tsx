import { useState } from "react";
import type { Schemas } from "../../api/client";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { commonTexts } from "../../texts/common";
import { nurseTexts } from "../../texts/nurse";
import { LevelBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";

type Visit = Schemas["VisitView"];

interface Props {
  item: QueueItem;
  visit: Visit;
  onDone: () => void;
}

const LEVELS = [1, 2, 3, 4, 5] as const;

/** The floor and its reasons, the nurse's own level, and only then what the adviser says. */
export function Level({ item, visit, onDone }: Props) {
  const t = useTexts(nurseTexts);
  const common = useTexts(commonTexts);
  const intent = useIntent();
  const [chosen, setChosen] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const floor = visit.floor;
  const isBelow = chosen !== null && floor !== undefined && chosen > floor.level;

  async function set(): Promise<void> {
    if (chosen === null) return;
    const why = reason.trim() === "" ? {} : { reason: reason.trim() };
    const answer = await intent.run({
      method: "POST",
      path: `/api/v1/visits/${item.visit_id}/acuity`,
      body: { expected_version: item.version, level: chosen, override_floor: isBelow, ...why },
    });
    onDone();
    if (answer === null) return;
    setChosen(null);
    setReason("");
  }

  return (
    <section className="card stack">
      <h2>{t("floor")}</h2>
      {floor === undefined ? (
        <p className="muted">{t("no_rules")}</p>
      ) : (
        <div className="stack tight">
          <p className="row">
            <LevelBadge level={floor.level} /> {t("floor_text", { level: floor.level })}
          </p>
          <ul className="nurse-rules">
            {floor.rules.map((rule) => (
              <li key={rule.id}>
                {rule.reason ?? rule.id} <span className="muted small">{rule.source}</span>
              </li>
            ))}
            {floor.rules.length === 0 && <li className="muted">{t("no_rules")}</li>}
          </ul>
        </div>
      )}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void set();
        }}
      >
        <fieldset className="field">
          <legend>{t("own_level")}</legend>
          <span className="hint">{t("own_level_hint")}</span>
          <div className="choice nurse-levels">
            {LEVELS.map((level) => (
              <label key={level}>
                <input
                  type="radio"
                  name="level"
                  checked={chosen === level}
                  onChange={() => setChosen(level)}
                />
                <span>
                  <strong>{level}</strong> <span className="small">{common(`level_${level}`)}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {isBelow && (
          <p className="notice" data-tone="danger" role="alert">
            {t("below", { level: chosen })}
          </p>
        )}
        {chosen !== null && (
          <TextInput
            label={t("reason")}
            isOptional={!isBelow && chosen <= item.level}
            required={isBelow}
            maxLength={300}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        <ErrorText error={intent.error} />
        {chosen !== null && (
          <Button type="submit" kind={isBelow ? "danger" : "primary"} isBusy={intent.isPending}>
            {isBelow ? t("override") : t("set_level", { level: chosen })}
          </Button>
        )}
      </form>
      <Adviser visit={visit} />
    </section>
  );
}

/** Folded away until the nurse has a level of her own: a suggestion that is seen first pulls it along. */
function Adviser({ visit }: { visit: Visit }) {
  const t = useTexts(nurseTexts);
  const suggestion = visit.suggestion;
  if (suggestion === undefined) return null;
  const hasOwn = visit.clinician !== undefined;
  return (
    <details className="nurse-adviser" open={hasOwn || undefined}>
      <summary>
        {t("adviser")} {!hasOwn && <span className="muted small">– {t("adviser_hidden")}</span>}
      </summary>
      <div className="stack tight">
        {suggestion.level === undefined ? (
          <p>{t("adviser_none")}</p>
        ) : (
          <p className="row">
            <LevelBadge level={suggestion.level} /> {t("adviser_says", { level: suggestion.level })}
          </p>
        )}
        {suggestion.outdated && <p className="badge">{t("outdated")}</p>}
        <ul className="nurse-rules" dir="auto">
          {suggestion.reasons?.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        <p className="muted small" dir="auto">
          {suggestion.notice} {suggestion.model}
        </p>
      </div>
    </details>
  );
}
