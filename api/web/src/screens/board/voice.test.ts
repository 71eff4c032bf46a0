import { describe, expect, it } from "vitest";
import { spoken } from "./voice";

describe("a token as it is spoken", () => {
  it("is spelled, and its number is a number", () => {
    expect(spoken("GM-042")).toBe("G M 42");
    expect(spoken("A-100")).toBe("A 100");
    expect(spoken("R1")).toBe("R 1");
    expect(spoken("")).toBe("");
  });
});
