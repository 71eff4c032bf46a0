import { describe, expect, it } from "vitest";
import { demandsOf, type Level } from "./level";
import type { Visit } from "./useVisit";

const VISIT = { level: 3, floor: { level: 4 } } as Visit;

describe("a level", () => {
  it.each<[Level, boolean, boolean]>([
    [2, false, false],
    [3, false, false],
    [4, true, false],
    [5, true, true],
  ])("%i: reason %s, override %s", (level, reason, override) => {
    expect(demandsOf(level, VISIT)).toEqual({ reason, override });
  });
});
