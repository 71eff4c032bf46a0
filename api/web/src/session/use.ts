/**
 * When a person last did something on a screen of this browser. Screens ask the api by themselves, which must not
 * keep a session alive that nobody uses; tabs share a session, so they share this.
 */
import { recall, remember } from "../intent/memory";

const NAME = "medique.last-used";
const SIGNS = ["pointerdown", "keydown", "wheel"] as const;
/** Written down at most so often, milliseconds. */
const STEP_MS = 5_000;
/** The api is told of a use after so long at the latest, milliseconds: less than half of the shortest idle time. */
const TELL_AFTER_MS = 300_000;
/** The most that the api is told, seconds. */
const LONGEST_S = 86_400;

let told = 0;

export function noteUse(): void {
  remember("local", NAME, Date.now());
}

function lastUse(): number {
  return recall<number>("local", NAME) ?? Date.now();
}

/** Whole seconds since the last use. */
export function idleSeconds(): number {
  const seconds = Math.floor((Date.now() - lastUse()) / 1_000);
  return Math.min(Math.max(seconds, 0), LONGEST_S);
}

/** The api knows of a use that was so many seconds ago. */
export function wasTold(idle: number): void {
  told = Date.now() - idle * 1_000;
}

/** Notes what people do; calls back when the api should hear of it before it would anyway. */
export function watchUse(tell: () => void): void {
  let noted = 0;
  const note = () => {
    const now = Date.now();
    if (now - noted < STEP_MS) return;
    noted = now;
    noteUse();
    if (now - told < TELL_AFTER_MS) return;
    told = now;
    tell();
  };
  for (const sign of SIGNS) globalThis.addEventListener(sign, note, { passive: true, capture: true });
}
