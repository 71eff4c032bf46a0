import { describe, expect, it } from "vitest";
import { merge, news2, type News2Sign, type Signs } from "./news2";

/** Each boundary of the chart, with the points on both sides of it. */
const BOUNDARIES: readonly [News2Sign, keyof Signs, readonly (readonly [number, number])[]][] = [
  [
    "RESPIRATORY_RATE",
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
    "OXYGEN_SATURATION",
    "oxygen_saturation",
    [
      [91, 3],
      [92, 2],
      [93, 2],
      [94, 1],
      [95, 1],
      [96, 0],
      [100, 0],
    ],
  ],
  [
    "SYSTOLIC_BP",
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
    "HEART_RATE",
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
    "TEMPERATURE",
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

const WELL: Signs = {
  respiratory_rate: 16,
  oxygen_saturation: 98,
  on_oxygen: false,
  systolic_bp: 120,
  heart_rate: 70,
  consciousness: "ALERT",
  temperature_c: 37,
};

describe("NEWS2", () => {
  it.each(BOUNDARIES)("has the bands of the chart: %s", (sign, field, values) => {
    for (const [value, points] of values) {
      expect(news2({ [field]: value }).points.get(sign), `${field} ${value}`).toBe(points);
    }
  });

  it("reads the saturation on scale 2 only when told so, and with oxygen too much is too much", () => {
    const on = (oxygen_saturation: number, on_oxygen: boolean) =>
      news2({ oxygen_saturation, on_oxygen, oxygen_scale_2: true }).points.get("OXYGEN_SATURATION");
    expect([83, 84, 86, 88, 93, 99].map((value) => on(value, false))).toEqual([3, 2, 1, 0, 0, 0]);
    expect([88, 92, 93, 94, 95, 96, 97].map((value) => on(value, true))).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });

  it("counts oxygen and anything but alert", () => {
    expect(news2({ on_oxygen: true }).measured).toBe(2);
    expect(news2({ consciousness: "CONFUSION" }).measured).toBe(3);
  });

  it("never takes what is missing for normal", () => {
    expect(news2(WELL)).toMatchObject({ measured: 0, missing: [], risk: "low" });
    const rest = Object.fromEntries(Object.entries(WELL).filter(([name]) => name !== "heart_rate"));
    expect(news2(rest).missing).toEqual(["HEART_RATE"]);
    expect(news2({ ...WELL, unmeasurable: ["HEART_RATE"] }).missing).toEqual(["HEART_RATE"]);
  });

  it("has the bands of risk", () => {
    expect(news2({ ...WELL, respiratory_rate: 25 }).risk).toBe("low_medium");
    expect(news2({ ...WELL, respiratory_rate: 25, on_oxygen: true }).risk).toBe("medium");
    expect(news2({ ...WELL, respiratory_rate: 25, on_oxygen: true, systolic_bp: 95 }).risk).toBe("high");
  });
});

describe("new signs", () => {
  it("keep what was not measured again", () => {
    expect(merge({ heart_rate: 140, pain: 3 }, { pain: 5 })).toMatchObject({ heart_rate: 140, pain: 5 });
  });

  it("end being unmeasurable", () => {
    const before: Signs = { unmeasurable: ["HEART_RATE", "SYSTOLIC_BP"] };
    expect(merge(before, { heart_rate: 80 }).unmeasurable).toEqual(["SYSTOLIC_BP"]);
  });
});
