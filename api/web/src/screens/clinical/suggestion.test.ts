import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { isSuggestionShown, tellable } from "./suggestion";

type Visit = Schemas["VisitView"];
const decision = (what: string, decided_by: string, more = {}) => ({ what, decided_by, ...more });
const visit = (before: boolean, decisions: unknown[]) =>
  ({ suggestion: { shown_before_own_level: before }, decisions }) as Visit;

const IN = decision("checked_in", "rules");
const AI = decision("suggested", "ai");
const OWN = decision("level_set", "clinician");

describe("a suggestion", () => {
  it("stays folded until a clinician has set a level", () => {
    expect(isSuggestionShown(visit(true, [IN, AI]))).toBe(false);
    expect(isSuggestionShown(visit(false, [IN, AI, OWN]))).toBe(true);
  });

  it("that came after the own level is shown", () => {
    expect(isSuggestionShown(visit(true, [IN, OWN, AI]))).toBe(true);
  });

  it("is folded again when the findings changed, or the level was taken back", () => {
    expect(isSuggestionShown(visit(true, [IN, OWN, decision("vitals_recorded", "rules"), AI]))).toBe(false);
    expect(isSuggestionShown(visit(true, [IN, { ...OWN, taken_back: true }, AI]))).toBe(false);
  });

  it("is not given away by the desk's raise, nor by the list of decisions", () => {
    const raised = visit(true, [IN, AI, decision("level_set", "staff")]);
    expect(isSuggestionShown(raised)).toBe(false);
    expect(tellable(raised).map((one) => one.what)).toEqual(["checked_in", "level_set"]);
  });
});
