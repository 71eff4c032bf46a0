import type { QueueItem } from "../../hospital/useQueue";
import { useTexts, type Translate } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { commonTexts } from "../../texts/common";
import { doctorTexts } from "../../texts/doctor";
import type en from "../../texts/doctor/en";
import { minutesSince, useNow } from "../../time/times";
import { LevelBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";

interface Props {
  item: QueueItem;
  isMine: boolean;
  isBusy: boolean;
  onCall: (() => void) | null;
  onStart: (() => void) | null;
}

/** Somebody who waits: who, why, how long of how long, and why at this place. */
export function Waiting({ item, isMine, isBusy, onCall, onStart }: Props) {
  const t = useTexts(doctorTexts);
  const clinical = useTexts(clinicalTexts);
  const common = useTexts(commonTexts);
  const now = useNow(15_000);
  const waited = minutesSince(item.queued_since, now);
  const token = item.token ?? "";
  const isLate = waited > item.target_minutes;
  return (
    <li className="doctor-waiting">
      <LevelBadge level={item.level} />
      <div className="doctor-who">
        <span className="row">
          <span className="token">{token}</span>
          <bdi>{item.name}</bdi>
          {isMine && (
            <span className="badge" data-tone="brand">
              {t("mine")}
            </span>
          )}
          {item.needs_review && (
            <span className="badge" data-tone="warn">
              {clinical("needs_review")}
            </span>
          )}
        </span>
        <span className="muted small" dir="auto">
          {item.complaint}
        </span>
        <span className="small row" data-late={isLate || undefined}>
          <meter
            className="doctor-wait"
            aria-hidden="true"
            min={0}
            max={Math.max(1, item.target_minutes)}
            value={Math.min(waited, item.target_minutes)}
          />
          {common("minutes", { count: waited })}
          <span className="muted">{t("target", { minutes: item.target_minutes })}</span>
          {isLate && <span>{t("late")}</span>}
        </span>
        <details className="doctor-why">
          <summary>{t("why")}</summary>
          <p className="small">{whyOf(item, t)}</p>
          {onStart !== null && (
            <Button size="small" isDisabled={isBusy} onClick={onStart}>
              {t("start_now")}
            </Button>
          )}
        </details>
      </div>
      {onCall !== null && (
        <Button size="small" isDisabled={isBusy} aria-label={t("call_this", { token })} onClick={onCall}>
          {t("call")}
        </Button>
      )}
    </li>
  );
}

const minutes = (seconds: number | undefined) => Math.floor((seconds ?? 0) / 60);

/** Why the one in front stands in front, in words. */
function whyOf(item: QueueItem, t: Translate<keyof typeof en>): string {
  const why = item.why;
  if (why === undefined) return t("why_first");
  if (why.reason !== "higher_credit") return t(`why_${why.reason as "immediate"}`);
  return t("why_higher_credit", {
    ahead: minutes(why.ahead_waited_s),
    ahead_target: why.ahead_target_minutes ?? 0,
    own: minutes(why.waited_s),
    own_target: why.target_minutes ?? 0,
  });
}
