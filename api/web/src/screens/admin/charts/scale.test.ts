import { describe, expect, it } from "vitest";
import { quantile, ticks } from "./scale";

describe("axes", () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 0.5, 1]],
    [7, [0, 2, 4, 6, 8]],
    [100, [0, 50, 100]],
    [37, [0, 10, 20, 30, 40]],
    [0.3, [0, 0.1, 0.2, 0.3]],
  ])("up to %d", (max, marks) => {
    expect(ticks(max)).toEqual(marks);
  });

  it("count in wholes where parts make no sense", () => {
    expect(ticks(1, 4, 1)).toEqual([0, 1]);
    expect(ticks(3, 4, 1)).toEqual([0, 1, 2, 3]);
  });
});

describe("quantile", () => {
  it("lies between its neighbours", () => {
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([5], 0.95)).toBe(5);
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([1, 2], 0.5)).toBe(1.5);
  });
});
