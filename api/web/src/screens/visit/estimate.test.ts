import { describe, expect, it } from "vitest";
import { rangeOf } from "./estimate";

describe("the range of a wait", () => {
  it("holds the figure that it is made of and opens as it grows", () => {
    let width = 0;
    for (let minutes = 0; minutes < 300; minutes += 10) {
      const { from, to } = rangeOf(minutes);
      expect(from).toBeLessThanOrEqual(minutes);
      expect(to).toBeGreaterThanOrEqual(minutes);
      expect(to - from).toBeGreaterThanOrEqual(Math.min(width, 5));
      width = to - from;
    }
    expect(rangeOf(0)).toEqual({ from: 0, to: 5 });
    expect(rangeOf(60)).toEqual({ from: 40, to: 90 });
  });
});
