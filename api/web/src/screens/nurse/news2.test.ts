import { describe, expect, it } from "vitest";
import { news2, type Signs } from "./news2";

const WELL: Signs = {
  respiratory_rate: 16,
  oxygen_saturation: 98,
  on_oxygen: false,
  oxygen_scale_2: false,
  systolic_bp: 120,
  heart_rate: 70,
  temperature_c: 37,
  consciousness: "ALERT",
};

/** Every cut-off of chart 1: the value on each side, and its score. */
const CUT_OFFS: readonly [keyof Signs, readonly [number, number][]][] = [
  [
    "respiratory_rate",
    [
      [8, 3],
      [9, 1],
      [11, 1],
      [12, 0],
      [20, 0],
      [21, 2],
      [24, 2],
      [25, 3],
    ],
  ],
  [
    "oxygen_saturation",
    [
      [91, 3],
      [92, 2],
      [93, 2],
      [94, 1],
      [95, 1],
      [96, 0],
    ],
  ],
  [
    "systolic_bp",
    [
      [90, 3],
      [91, 2],
      [100, 2],
      [101, 1],
      [110, 1],
      [111, 0],
      [219, 0],
      [220, 3],
    ],
  ],
  [
    "heart_rate",
    [
      [40, 3],
      [41, 1],
      [50, 1],
      [51, 0],
      [90, 0],
      [91, 1],
      [110, 1],
      [111, 2],
      [130, 2],
      [131, 3],
    ],
  ],
  [
    "temperature_c",
    [
      [35, 3],
      [35.1, 1],
      [36, 1],
      [36.1, 0],
      [38, 0],
      [38.1, 1],
      [39, 1],
      [39.1, 2],
    ],
  ],
];

describe("NEWS2", () => {
  it.each(CUT_OFFS)("has the cut-offs of the chart: %s", (sign, values) => {
    for (const [value, score] of values)
      expect(news2({ ...WELL, [sign]: value }).sum, `${value}`).toBe(score);
  });

  it("reads scale 2 only where it was chosen", () => {
    const low = { ...WELL, oxygen_saturation: 89 };
    expect(news2(low).sum).toBe(3);
    expect(news2({ ...low, oxygen_scale_2: true }).sum).toBe(0);
    const rich = { ...WELL, oxygen_saturation: 97, oxygen_scale_2: true, on_oxygen: true };
    expect(news2(rich).sum).toBe(5);
  });

  it("never counts what is missing as nothing", () => {
    expect(news2({ ...WELL, heart_rate: null, consciousness: null })).toMatchObject({ sum: 0, missing: 2 });
  });

  it("names the risk by sum and by the highest single score", () => {
    expect(news2(WELL).risk).toBe("risk_low");
    expect(news2({ ...WELL, consciousness: "CONFUSION" }).risk).toBe("risk_low_medium");
    expect(news2({ ...WELL, respiratory_rate: 25, on_oxygen: true }).risk).toBe("risk_medium");
    expect(news2({ ...WELL, respiratory_rate: 25, heart_rate: 135, on_oxygen: true }).risk).toBe("risk_high");
  });
});
