import { describe, expect, it } from "vitest";
import { dayOf, instantOf, localOf } from "./zoned";

describe("times of the facility", () => {
  it.each([
    ["2026-01-15T09:00", "Europe/London", "2026-01-15T09:00:00.000Z"],
    ["2026-07-15T09:00", "Europe/London", "2026-07-15T08:00:00.000Z"],
    ["2026-03-29T00:30", "Europe/London", "2026-03-29T00:30:00.000Z"],
    ["2026-03-29T02:30", "Europe/London", "2026-03-29T01:30:00.000Z"],
    ["2026-07-15T09:00", "Asia/Kolkata", "2026-07-15T03:30:00.000Z"],
    ["2026-11-01T12:00", "America/New_York", "2026-11-01T17:00:00.000Z"],
  ])("%s in %s is %s", (local, zone, instant) => {
    expect(instantOf(local, zone)).toBe(instant);
    expect(localOf(Date.parse(instant), zone)).toBe(local);
  });

  it("know their day", () => {
    expect(dayOf(Date.parse("2026-07-14T20:00:00Z"), "Asia/Kolkata")).toBe("2026-07-15");
    expect(instantOf("soon", "UTC")).toBeNull();
  });
});
