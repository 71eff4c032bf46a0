import type { QueueItem } from "../../hospital/useQueue";

/**
 * Minutes within which somebody who waits is looked at again, by level 1 to 5: CTAS has 15, 30, 60 and 120 for 2 to 5
 * and never leaves level 1 alone, which is 5 here. Scand J Trauma Resusc Emerg Med 2011;19:68.
 */
const EVERY_MINUTES = [5, 15, 30, 60, 120] as const;
const WAITING: readonly string[] = ["WAITING", "URGENT", "ON_HOLD"];

export type Tab = "new" | "due" | "all";

/** Those who are here to be assessed: with an intake, and not with a doctor. */
export function toAssess(items: readonly QueueItem[]): readonly QueueItem[] {
  return items.filter((item) => WAITING.includes(item.state));
}

/** When somebody is to be looked at again, milliseconds since 1970; null for those whom nobody has assessed yet. */
export function dueAt(item: QueueItem): number | null {
  if (item.assessed_at === undefined) return null;
  const every = EVERY_MINUTES[Math.min(5, Math.max(1, item.level)) - 1] ?? 5;
  return new Date(item.assessed_at).getTime() + every * 60_000;
}

/** The patients of a tab: the new ones by urgency and arrival, the due ones by how long they are due. */
export function ofTab(tab: Tab, items: readonly QueueItem[], now: number): readonly QueueItem[] {
  const here = toAssess(items);
  switch (tab) {
    case "new":
      return here
        .filter((item) => dueAt(item) === null)
        .toSorted((a, b) => a.level - b.level || a.arrived_at.localeCompare(b.arrived_at));
    case "due":
      return here
        .flatMap((item) => {
          const due = dueAt(item);
          return due !== null && due <= now ? [{ item, due }] : [];
        })
        .toSorted((a, b) => a.due - b.due)
        .map(({ item }) => item);
    case "all":
      return here;
  }
}
