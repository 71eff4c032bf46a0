import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { LevelBadge } from "../../ui/badges";
import { useTimes } from "../../time/times";
import { isSuggestionShown, tellable } from "./suggestion";
import type { Visit } from "./useVisit";

/** What the adviser says; folded away until the own level is set. */
export function Suggestion({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const suggestion = visit.suggestion;
  return (
    <section className="suggestion">
      <h3>{t("suggestion")}</h3>
      {suggestion === undefined && <p className="muted">{t("suggestion_none")}</p>}
      {suggestion !== undefined && !isSuggestionShown(visit) && (
        <p className="notice">{t("suggestion_folded")}</p>
      )}
      {isSuggestionShown(visit) && <Told visit={visit} />}
    </section>
  );
}

function Told({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const suggestion = visit.suggestion;
  if (suggestion === undefined) return null;
  if (suggestion.level === undefined) return <p className="muted">{t("suggestion_failed")}</p>;
  const { confidence, reasons = [], questions = [] } = suggestion;
  return (
    <div className="stack tight">
      <p className="row">
        <LevelBadge level={suggestion.level} />
        <strong>{t("suggestion_level", { level: suggestion.level })}</strong>
        {confidence !== undefined && (
          <span className="muted small">
            {t("suggestion_confidence", { percent: Math.round(confidence * 100) })}
          </span>
        )}
      </p>
      {suggestion.outdated && (
        <p className="notice" data-tone="warn">
          {t("suggestion_outdated")}
        </p>
      )}
      <ul className="bullets">
        {reasons.map((reason) => (
          <li key={reason} dir="auto">
            {reason}
          </li>
        ))}
      </ul>
      {questions.length > 0 && (
        <>
          <p className="small muted">{t("suggestion_questions")}</p>
          <ul className="bullets">
            {questions.map((question) => (
              <li key={question} dir="auto">
                {question}
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="small muted">
        <span lang="en">{suggestion.notice}</span> <bdi>({suggestion.model})</bdi>
      </p>
    </div>
  );
}

/** Who decided what when, newest first. */
export function Decisions({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const times = useTimes();
  const decisions = tellable(visit).toReversed();
  if (decisions.length === 0) return null;
  return (
    <details className="decisions">
      <summary>{t("decisions")}</summary>
      <ol>
        {decisions.map((decision) => (
          <li key={`${decision.version}-${decision.what}`}>
            <time className="muted small" dateTime={decision.at}>
              {times.clock(decision.at)}
            </time>
            <span>
              <strong>{t(`decided_${decision.what as "checked_in"}`)}</strong>{" "}
              <span className="muted">{t(`by_${decision.decided_by as "rules"}`)}</span>
              {decision.taken_back === true && <span className="badge">{t("taken_back")}</span>}
              {decision.overrides_floor === true && (
                <span className="badge" data-tone="warn">
                  {t("own_level_overrides")}
                </span>
              )}
              {decision.reason !== undefined && decision.reason !== "" && (
                <span className="small decisions-reason" dir="auto">
                  {decision.reason}
                </span>
              )}
            </span>
            <span className="row small">
              {t("now_level", { level: decision.effective })}
              <LevelBadge level={decision.effective} />
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}
