import type { Visit } from "./useVisit";

export type Level = 1 | 2 | 3 | 4 | 5;

/** What a level needs before the api takes it. */
export interface Demands {
  reason: boolean;
  override: boolean;
}

/** Less urgency than the floor is an override; less than now needs a reason. */
export function demandsOf(level: Level, visit: Pick<Visit, "floor" | "level">): Demands {
  const override = level > (visit.floor?.level ?? 5);
  return { override, reason: override || level > (visit.level ?? 5) };
}
