import { useEffect, useState } from "react";
import { ApiError, failureOf } from "../../api/problem";
import { forgetSealed, recallSealed, rememberSealed } from "../../intent/sealed";
import { EMPTY, stillAsked, type Draft, type Step } from "./draft";
import { fill, forgetKeys, isOver, scan, type Scanned } from "./flow";

/** A check-in under way. Kept so that a reload, or a phone that ran out of battery, loses nothing. */
interface Kept {
  linkToken: string;
  scanned: Scanned | null;
  draft: Draft;
  step: Step | "start";
}

const NAME = "medique.checkin";

/** Where a check-in is kept: on a phone for good, at a kiosk for as long as the page is open. */
type Where = "local" | "session";

export interface CheckIn extends Kept {
  isPending: boolean;
  attempts: number;
  error: ApiError | null;
  /** The form lay open too long, and was renewed. */
  tookTooLong: boolean;
  change: (part: Partial<Draft>) => void;
  goTo: (step: Step | "start") => void;
  begin: () => Promise<void>;
  /** Resolves with the patient's credential when the patient is checked in. */
  send: (language: string, asked: readonly string[] | null) => Promise<Scanned | null>;
  startOver: () => void;
}

function restored(linkToken: string, where: Where): Kept {
  const kept = recallSealed<Kept>(where, NAME);
  if (kept !== null && kept.linkToken === linkToken) return { ...kept, draft: { ...EMPTY, ...kept.draft } };
  return { linkToken, scanned: null, draft: EMPTY, step: "start" };
}

/** The link that a check-in was begun with on this device. */
export function linkOfLastTime(): string | null {
  return recallSealed<Kept>("local", NAME)?.linkToken ?? null;
}

export function useCheckIn(linkToken: string, where: Where = "local"): CheckIn {
  const [kept, setKept] = useState(() => restored(linkToken, where));
  const [progress, setProgress] = useState<Pick<CheckIn, "isPending" | "attempts" | "error" | "tookTooLong">>(
    {
      isPending: false,
      attempts: 0,
      error: null,
      tookTooLong: false,
    },
  );

  useEffect(() => {
    if (kept.step !== "start" || kept.scanned !== null) rememberSealed(where, NAME, kept);
  }, [kept, where]);

  const say = (part: Partial<typeof progress>) => setProgress((now) => ({ ...now, ...part }));
  const onRetry = (attempts: number) => say({ attempts });

  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    if (progress.isPending) return null;
    setProgress({ isPending: true, attempts: 0, error: null, tookTooLong: false });
    try {
      const result = await work();
      say({ isPending: false, attempts: 0 });
      return result;
    } catch (thrown) {
      say({ isPending: false, attempts: 0, error: failureOf(thrown) });
      return null;
    }
  }

  async function begin(): Promise<void> {
    await attempt(async () => {
      const scanned = kept.scanned ?? (await scan(linkToken, onRetry));
      setKept((now) => ({ ...now, scanned, step: "flags" }));
    });
  }

  async function send(language: string, asked: readonly string[] | null): Promise<Scanned | null> {
    return attempt(async () => {
      const scanned = kept.scanned ?? (await scan(linkToken, onRetry));
      setKept((now) => ({ ...now, scanned }));
      try {
        await fill(scanned, stillAsked(kept.draft, asked), language, onRetry);
      } catch (thrown) {
        const error = failureOf(thrown);
        if (!isOver(error)) throw error;
        forgetKeys();
        setKept((now) => ({ ...now, scanned: null }));
        say({ tookTooLong: true });
        return null;
      }
      forgetSealed(where, NAME);
      return scanned;
    });
  }

  function startOver(): void {
    forgetKeys();
    forgetSealed(where, NAME);
    setKept({ linkToken, scanned: null, draft: EMPTY, step: "start" });
    setProgress({ isPending: false, attempts: 0, error: null, tookTooLong: false });
  }

  return {
    ...kept,
    ...progress,
    change: (part) => setKept((now) => ({ ...now, draft: { ...now.draft, ...part } })),
    goTo: (step) => setKept((now) => ({ ...now, step })),
    begin,
    send,
    startOver,
  };
}
