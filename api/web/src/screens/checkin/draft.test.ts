import { describe, expect, it } from "vitest";
import { ageOf, complaintsOf, EMPTY, intakeOf, stillAsked } from "./draft";

describe("a check-in's form", () => {
  it("reads ages in the digits of every keyboard", () => {
    expect(ageOf("42")).toBe(42);
    expect(ageOf(" ٤٢ ")).toBe(42);
    expect(ageOf("४२")).toBe(42);
    expect(ageOf("0")).toBe(0);
    for (const wrong of ["", "131", "-1", "4.2", "forty"]) expect(ageOf(wrong), wrong).toBeNull();
  });

  it("sends no answer to a question that is asked no more, and drops none while nobody knows", () => {
    const draft = { ...EMPTY, answers: { a: true, gone: false } };
    expect(intakeOf(stillAsked(draft, ["a", "new"]), "en").answers).toEqual([{ question: "a", yes: true }]);
    expect(intakeOf(stillAsked(draft, null), "en").answers).toHaveLength(2);
  });

  it("wants every question answered, a reason, a name and an age", () => {
    expect([...complaintsOf("flags", { ...EMPTY, answers: { a: false } }, ["a", "b"]).keys()]).toEqual(["b"]);
    expect(complaintsOf("reason", { ...EMPTY, complaint: "  " }, []).size).toBe(1);
    expect([...complaintsOf("you", EMPTY, []).keys()]).toEqual(["name", "age"]);
    expect(complaintsOf("you", { ...EMPTY, name: "Ada", age: "36" }, []).size).toBe(0);
  });

  it("sends what was answered and leaves out what was not", () => {
    const draft = {
      ...EMPTY,
      name: " Ada ",
      age: "36",
      complaint: "cough",
      answers: { a: true, b: undefined },
    };
    expect(intakeOf(draft, "es")).toEqual({
      patient: { name: "Ada", age_years: 36, language: "es" },
      complaint: "cough",
      answers: [{ question: "a", yes: true }],
    });
  });
});
