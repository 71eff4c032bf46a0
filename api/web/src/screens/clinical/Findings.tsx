import { use } from "react";
import { useLanguage } from "../../i18n/LanguageProvider";
import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { rulesTexts } from "../../texts/rules";
import { LevelBadge } from "../../ui/badges";
import { AGE_MIN, fieldOf, type News2Sign, type Risk, type SignName } from "./news2";
import { ageOf, isPregnant, shown } from "./person";
import { reasonIn } from "./reason";
import type { Visit } from "./useVisit";

/** In the order in which they are said. */
const SIGNS = [
  "RESPIRATORY_RATE",
  "OXYGEN_SATURATION",
  "ON_OXYGEN",
  "SYSTOLIC_BP",
  "DIASTOLIC_BP",
  "HEART_RATE",
  "TEMPERATURE",
  "CONSCIOUSNESS",
  "PAIN",
  "GLUCOSE",
  "CAPILLARY_REFILL",
] as const satisfies readonly SignName[];

/** The newest value of each sign, as the api has it. */
export function VitalsList({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const vitals = visit.vitals;
  if (vitals === undefined) return <p className="muted">{t("no_vitals")}</p>;
  const known = SIGNS.filter(
    (sign) => vitals[fieldOf(sign)] !== undefined || vitals.unmeasurable.includes(sign),
  );
  return (
    <dl className="vitals">
      {known.map((sign) => (
        <div key={sign}>
          <dt>{t(fieldOf(sign))}</dt>
          <dd>
            <bdi>{shown(sign, vitals, t)}</bdi>
            {vitals.unmeasurable.includes(sign) && (
              <span className="badge" data-tone="warn">
                {t("unmeasurable")}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The least urgent level that the findings allow, and which rules say so. */
export function FloorBox({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const floor = visit.floor;
  if (floor === undefined) return null;
  return (
    <section className="floor" data-level={floor.level}>
      <h3>{t("floor")}</h3>
      {floor.rules.length === 0 ? (
        <p className="muted">{t("floor_none")}</p>
      ) : (
        <>
          <p className="row">
            <LevelBadge level={floor.level} />
            <span>{t("floor_text", { level: floor.level })}</span>
          </p>
          <ul className="floor-rules">
            {floor.rules.map((rule) => (
              <li key={rule.id}>
                <LevelBadge level={rule.level} />
                <RuleReason rule={rule} />
              </li>
            ))}
          </ul>
          <Sources rules={floor.rules} />
        </>
      )}
      <ServerScore visit={visit} />
    </section>
  );
}

/** Why a rule fired. A house may have rules of its own: those say it in English. */
function RuleReason({ rule }: { rule: NonNullable<Visit["floor"]>["rules"][number] }) {
  const { language } = useLanguage();
  const reason = reasonIn(rule, use(rulesTexts.load("en")), use(rulesTexts.load(language)));
  if (reason !== null) return <span>{reason}</span>;
  return (
    <span lang="en" dir="ltr">
      {rule.reason ?? rule.id}
    </span>
  );
}

/** Where the rules come from, each source once. */
function Sources({ rules }: { rules: NonNullable<Visit["floor"]>["rules"] }) {
  const t = useTexts(clinicalTexts);
  const sources = [...new Set(rules.flatMap((rule) => rule.source ?? []))];
  return (
    <details className="small floor-sources">
      <summary>{t("rules_fired", { count: rules.length })}</summary>
      <ul className="bullets muted" lang="en" dir="ltr">
        {sources.map((source) => (
          <li key={source}>{source}</li>
        ))}
      </ul>
    </details>
  );
}

function ServerScore({ visit }: { visit: Visit }) {
  const t = useTexts(clinicalTexts);
  const detail = visit.floor?.news2_detail;
  if (detail === undefined) {
    const age = ageOf(visit);
    if (visit.vitals === undefined) return null;
    if (isPregnant(visit)) return <p className="muted small">{t("news2_pregnant")}</p>;
    return age === null || age < AGE_MIN ? <p className="muted small">{t("news2_adults")}</p> : null;
  }
  return <Score score={detail.measured} missing={detail.missing as News2Sign[]} risk={detail.risk as Risk} />;
}

interface ScoreProps {
  score: number;
  missing: readonly News2Sign[];
  risk: Risk;
}

/** A NEWS2 score in words. What is missing can only add to it, so then it is said to be a lower bound. */
export function Score({ score, missing, risk }: ScoreProps) {
  const t = useTexts(clinicalTexts);
  return (
    <div className="score" data-risk={risk}>
      <span className="score-number">
        <span className="small">{t("news2")}</span>
        <strong>{missing.length > 0 ? `≥ ${score}` : score}</strong>
      </span>
      <span>
        <strong>{t(`risk_${risk}`)}</strong>
        {missing.length > 0 && (
          <span className="small score-missing">
            {t("news2_missing", { signs: missing.map((sign) => t(fieldOf(sign))).join(", ") })}
          </span>
        )}
      </span>
    </div>
  );
}
