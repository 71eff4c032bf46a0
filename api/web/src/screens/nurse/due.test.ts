import { describe, expect, it } from "vitest";
import type { QueueItem } from "../../hospital/useQueue";
import { dueAt, ofTab } from "./due";

const NOW = Date.parse("2026-03-01T10:00:00Z");
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const item = (visit_id: string, level: number, assessed: number | null, state = "WAITING") =>
  ({
    visit_id,
    level,
    state,
    arrived_at: ago(200),
    ...(assessed === null ? {} : { assessed_at: ago(assessed) }),
  }) as QueueItem;
const ids = (items: readonly QueueItem[]) => items.map((one) => one.visit_id);

describe("re-assessment", () => {
  it.each([
    [1, 5],
    [2, 15],
    [3, 30],
    [4, 60],
    [5, 120],
  ])("of level %i is due after %i minutes", (level, minutes) => {
    expect(dueAt(item("a", level, minutes))).toBe(NOW);
  });

  it("lists those who are due longest first, and nobody who is with a doctor", () => {
    const items = [
      item("fresh", 3, 29),
      item("due", 3, 40),
      item("overdue", 2, 60),
      item("never", 2, null),
      item("called", 3, 90, "CALLED"),
    ];
    expect(ids(ofTab("due", items, NOW))).toEqual(["overdue", "due"]);
    expect(ids(ofTab("new", items, NOW))).toEqual(["never"]);
    expect(ids(ofTab("all", items, NOW))).toEqual(["fresh", "due", "overdue", "never"]);
  });

  it("puts the most urgent of the new ones first", () => {
    expect(ids(ofTab("new", [item("three", 3, null), item("one", 1, null)], NOW))).toEqual(["one", "three"]);
  });
});
