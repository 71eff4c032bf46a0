import { describe, expect, it } from "vitest";
import { trustIn } from "./trust";

const whole = { state: "whole" as const, chains: [{ partition: 3, chain_seq: 10 }], findings: [] };
const row = (partition: number, chain_seq: number) => ({ partition, chain_seq });

describe("the last check of the trail", () => {
  it("covers the rows that were there", () => {
    expect(trustIn(row(3, 10), whole)).toBe("verified");
    expect(trustIn(row(3, 11), whole)).toBe("later");
    expect(trustIn(row(4, 1), whole)).toBe("later");
  });

  it("says nothing when there was none", () => {
    expect(trustIn(row(3, 1), { state: "unchecked", chains: [], findings: [] })).toBe("later");
  });

  it("makes doubtful what stands at a finding or behind it in its chain", () => {
    const tampered = {
      ...whole,
      state: "tampered" as const,
      findings: [
        { tampering: "changed", partition: 3, chain_seq: 5, problem: "x" },
        { tampering: "root", problem: "y" },
      ],
    };
    expect(trustIn(row(3, 4), tampered)).toBe("verified");
    expect(trustIn(row(3, 5), tampered)).toBe("doubtful");
    expect(trustIn(row(3, 12), tampered)).toBe("doubtful");
    expect(trustIn(row(4, 12), tampered)).toBe("later");
  });
});
