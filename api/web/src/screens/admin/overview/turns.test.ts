import { expect, it } from "vitest";
import { inTurn } from "./turns";

const followed = (count: number, atOnce: number, turn: number) =>
  Array.from({ length: count }, (_, index) => index).filter((index) => inTurn(index, count, atOnce, turn));

it("follows all departments that fit", () => {
  expect(followed(3, 3, 7)).toEqual([0, 1, 2]);
});

it("lets every department have its turn, never more at once than fit", () => {
  const seen = new Set<number>();
  for (let turn = 0; turn < 10; turn += 1) {
    const now = followed(7, 3, turn);
    expect(now).toHaveLength(3);
    now.forEach((index) => seen.add(index));
  }
  expect(seen.size).toBe(7);
});
