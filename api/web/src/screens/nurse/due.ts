import type { QueueItem } from "../../hospital/useQueue";

/** Minutes between assessments of somebody who waits, by level 1 to 5, as CTAS recommends; 1 is never left alone. */
const EVERY_MINUTES = [5, 15, 30, 60, 120] as const;

/** Milliseconds until somebody should be looked at (again); not above zero when it is time. */
export function dueIn(item: QueueItem, now: number): number {
  if (item.measured_at === undefined) return 0;
  const every = EVERY_MINUTES[Math.min(5, Math.max(1, item.level)) - 1] ?? 30;
  return new Date(item.measured_at).getTime() + every * 60_000 - now;
}

/** Waiting patients, those first who are due longest; of those who were never measured the most urgent. */
export function byDue(items: readonly QueueItem[], now: number): QueueItem[] {
  const waiting = items.filter((item) => ["WAITING", "URGENT", "ON_HOLD"].includes(item.state));
  return waiting.sort((a, b) => {
    const unmeasured = Number(a.measured_at !== undefined) - Number(b.measured_at !== undefined);
    return unmeasured || (a.measured_at === undefined ? a.level - b.level : dueIn(a, now) - dueIn(b, now));
  });
}
