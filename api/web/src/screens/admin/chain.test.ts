import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { gapIn } from "./chain";

const entry = (partition: number, chain_seq: number) => ({ partition, chain_seq }) as Schemas["AuditView"];

describe("the audit's chain", () => {
  it("is whole when the numbers of each part follow one another", () => {
    expect(gapIn([entry(1, 7), entry(2, 1), entry(1, 8), entry(2, 2)])).toBeNull();
  });

  it("names the first gap", () => {
    expect(gapIn([entry(1, 7), entry(2, 1), entry(1, 9)])).toEqual({ partition: 1, before: 7, after: 9 });
  });
});
