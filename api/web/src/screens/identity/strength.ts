import { useEffect, useState } from "react";

/** Fewest characters that the api takes unless it was told otherwise. */
export const CHARS_MIN = 12;
/** Least strength that the api takes unless it was told otherwise, 0 to 4. */
export const SCORE_MIN = 3;

export type Score = 0 | 1 | 2 | 3 | 4;
export type Judge = (password: string, own: readonly string[]) => Score;

/** Counted as the api counts: a run of spaces is one. */
export function charsOf(password: string): number {
  return Array.from(password.trim().split(/\s+/u).join(" ")).length;
}

/** What is wrong with a new password before it is sent, as far as it can be known here. */
export function complaintOf(password: string, score: Score | null): "too_short" | "too_weak" | null {
  if (charsOf(password) < CHARS_MIN) return "too_short";
  return score !== null && score < SCORE_MIN ? "too_weak" : null;
}

/** The estimator is half a megabyte of words: it comes when somebody chooses a password, and never before. */
async function load(): Promise<Judge> {
  const [core, common] = await Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]);
  const estimator = new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
  // Longer ones are strong, or refused for their length; estimating them takes long.
  return (password, own) => estimator.check(password.slice(0, 100), [...own]).score;
}

let judging: Promise<Judge> | null = null;

/** The strength of a password as the api's own estimator sees it, about; null until the estimator is there. */
export function useStrength(password: string, own: readonly string[]): Score | null {
  const [judge, setJudge] = useState<Judge | null>(null);
  useEffect(() => {
    let isThere = true;
    judging ??= load();
    judging.then(
      (loaded) => isThere && setJudge(() => loaded),
      // Without it the api's word counts alone.
      () => (judging = null),
    );
    return () => {
      isThere = false;
    };
  }, []);
  return judge === null || password === "" ? null : judge(password, own);
}
