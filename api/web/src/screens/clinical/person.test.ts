import { describe, expect, it } from "vitest";
import { ageOf } from "./person";

const on = (service_day: string, patient: object) =>
  ageOf({ service_day, patient: { name: "A", ...patient } });

describe("an age", () => {
  it("is counted to the day", () => {
    expect(on("2026-03-01", { birth_date: "2010-03-01" })).toBe(16);
    expect(on("2026-02-28", { birth_date: "2010-03-01" })).toBe(15);
  });

  it("is what was told when the date is not known", () => {
    expect(on("2026-03-01", { age_years: 80 })).toBe(80);
    expect(on("2026-03-01", {})).toBe(null);
  });
});
