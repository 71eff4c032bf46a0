import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { figuresTexts } from "../../../texts/figures";
import { LevelBadge, LiveBadge } from "../../../ui/badges";
import type { Seen } from "./Overview";
import type { Known } from "./useHalls";

/** A department at a glance, and how fresh that is. */
export function HallCard({ seen, known }: { seen: Seen; known: Known | undefined }) {
  const t = useTexts(figuresTexts);
  const admin = useTexts(adminTexts);
  const { department, glance } = seen;
  const worst = glance.worst;
  return (
    <section className="card stack tight" aria-label={department.name}>
      <div className="row spread">
        <h3 className="row">
          <span className="token">{department.code}</span>
          <bdi>{department.name}</bdi>
        </h3>
        {!department.open && (
          <span className="badge" data-tone="warn">
            {admin("closed")}
          </span>
        )}
      </div>
      <dl className="admin-facts">
        <dt>{t("waiting")}</dt>
        <dd>{glance.waiting}</dd>
        <dt>{t("called")}</dt>
        <dd>{glance.called}</dd>
        <dt>{t("in_consultation")}</dt>
        <dd>{glance.inConsultation}</dd>
        <dt>{t("on_hold")}</dt>
        <dd>{glance.onHold}</dd>
      </dl>
      {worst !== null && (
        <p className="row small">
          <LevelBadge level={worst.level} />
          {t("worst", { waited: Math.round(worst.waitedMin), target: worst.targetMin })}
          {worst.waitedMin > worst.targetMin && (
            <span className="badge" data-tone="danger">
              {t("past_target_count", { count: glance.pastTarget })}
            </span>
          )}
        </p>
      )}
      {known?.isTruncated === true && <p className="notice small">{t("truncated")}</p>}
      <LiveBadge status={known?.status ?? { state: "connecting", freshAt: null }} />
    </section>
  );
}
