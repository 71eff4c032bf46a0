import { describe, expect, it } from "vitest";
import type { QueueItem } from "../../hospital/useQueue";
import { byDue, dueIn } from "./due";
import { bodyOf, NOTHING, wrongWith } from "./signs";

const NOW = Date.parse("2026-01-01T10:00:00Z");
const item = (token: string, level: number, measured_at?: string, state = "WAITING") =>
  ({ token, level, state, ...(measured_at === undefined ? {} : { measured_at }) }) as QueueItem;

describe("re-assessment", () => {
  it("is due by level", () => {
    expect(dueIn(item("a", 2, "2026-01-01T09:46:00Z"), NOW)).toBe(60_000);
    expect(dueIn(item("a", 3, "2026-01-01T09:29:00Z"), NOW)).toBeLessThan(0);
    expect(dueIn(item("a", 5), NOW)).toBe(0);
  });

  it("puts those first who were never measured, then those who are due longest", () => {
    const items = [
      item("later", 5, "2026-01-01T09:50:00Z"),
      item("over", 2, "2026-01-01T09:00:00Z"),
      item("new-4", 4),
      item("new-2", 2),
      item("gone", 1, undefined, "CALLED"),
    ];
    expect(byDue(items, NOW).map((one) => one.token)).toEqual(["new-2", "new-4", "over", "later"]);
  });
});

describe("typed signs", () => {
  it("are held against what a living patient can have", () => {
    expect(wrongWith("temperature_c", "36,8")).toBeNull();
    expect(wrongWith("temperature_c", "98.6")).toBe("implausible");
    expect(wrongWith("heart_rate", "abc")).toBe("not_number");
    expect(wrongWith("heart_rate", "70.5")).toBe("not_number");
    expect(wrongWith("heart_rate", "")).toBeNull();
  });

  it("leave out what was not measured", () => {
    expect(bodyOf(NOTHING)).toEqual({});
    expect(bodyOf({ ...NOTHING, numbers: { heart_rate: "72", pain: "" }, onOxygen: false })).toEqual({
      heart_rate: 72,
      on_oxygen: false,
    });
  });
});
