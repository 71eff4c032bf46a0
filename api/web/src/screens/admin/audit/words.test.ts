import { describe, expect, it } from "vitest";
import { actorName, chainState, groupOf, isId } from "./words";

const link = (partition: number, chain_seq: number, digit: string) => ({
  partition,
  chain_seq,
  hash: digit.repeat(64),
});

describe("the trail", () => {
  it("sorts what happened into kinds", () => {
    expect(groupOf("visit_called")).toBe("visits");
    expect(groupOf("visit_record_read")).toBe("reads");
    expect(groupOf("login_failed")).toBe("accounts");
    expect(groupOf("adviser_switched")).toBe("hospital");
    expect(groupOf("dead_letter_redriven")).toBe("hospital");
    expect(groupOf("person_erased")).toBe("data");
  });

  it("names who acted, where that is known", () => {
    const names = new Map([["1", "Ann"]]);
    expect(actorName("staff:1", names)).toBe("Ann");
    expect(actorName("staff:2", names)).toBe("staff:2");
    expect(actorName("system:scheduler", names)).toBe("system:scheduler");
  });

  it("knows an id", () => {
    expect(isId(" 01900000-0000-7000-8000-000000000001 ")).toBe(true);
    expect(isId("GM-042")).toBe(false);
  });

  it("tells what the rows at hand say of the chains", () => {
    expect(chainState([])).toBe("whole");
    expect(chainState([link(1, 4, "a"), link(1, 5, "b"), link(2, 9, "c")])).toBe("whole");
    expect(chainState([link(1, 4, "a"), link(1, 7, "b")])).toBe("gaps");
    expect(chainState([link(1, 4, "a"), link(1, 4, "b")])).toBe("broken");
    expect(chainState([link(1, 4, "a"), link(1, 5, "a")])).toBe("broken");
    expect(chainState([{ partition: 1, chain_seq: 4, hash: "" }])).toBe("broken");
  });
});
