import { useTexts } from "../i18n/texts";
import type { LiveStatus } from "../live/connection";
import { commonTexts } from "../texts/common";
import { useTimes } from "../time/times";

export type State =
  | "SCANNED"
  | "WAITING"
  | "URGENT"
  | "CALLED"
  | "IN_CONSULTATION"
  | "ON_HOLD"
  | "COMPLETED"
  | "NO_SHOW"
  | "CANCELLED"
  | "LEFT"
  | "TRANSFERRED"
  | "EXPIRED";

const TONES: Readonly<Partial<Record<State, string>>> = {
  URGENT: "danger",
  CALLED: "brand",
  IN_CONSULTATION: "good",
  ON_HOLD: "warn",
  NO_SHOW: "warn",
  SCANNED: "calm",
};

export function StateBadge({ state }: { state: State }) {
  const t = useTexts(commonTexts);
  return (
    <span className="badge" data-tone={TONES[state]}>
      {t(`state_${state}`)}
    </span>
  );
}

/** A level as its number on its colour; the words are for those who do not know the number, or see no colour. */
export function LevelBadge({ level, withWords = false }: { level: number; withWords?: boolean }) {
  const t = useTexts(commonTexts);
  const words = t(`level_${Math.min(5, Math.max(1, level)) as 1 | 2 | 3 | 4 | 5}`);
  return (
    <span className="row" title={withWords ? undefined : words}>
      <span className="level" data-level={level}>
        <span className="visually-hidden">{t("level", { level })} </span>
        <span aria-hidden="true">{level}</span>
      </span>
      {withWords ? <span>{words}</span> : <span className="visually-hidden">{words}</span>}
    </span>
  );
}

/** How fresh a live view is. Announced when it changes. */
export function LiveBadge({ status }: { status: LiveStatus }) {
  const t = useTexts(commonTexts);
  const times = useTimes();
  const since = status.freshAt === null ? null : times.clock(status.freshAt);
  const text =
    status.state === "offline" && since !== null ? t("offline_since", { time: since }) : t(status.state);
  return (
    <span className="live" data-state={status.state} role="status">
      {text}
    </span>
  );
}
