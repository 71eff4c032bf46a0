/**
 * NEWS2 as it is typed: a preview of what the api computes and decides by. Royal College of Physicians, National
 * Early Warning Score (NEWS) 2, London, 2017. For patients of 16 years and more.
 */
export interface Signs {
  respiratory_rate: number | null;
  oxygen_saturation: number | null;
  on_oxygen: boolean | null;
  oxygen_scale_2: boolean;
  systolic_bp: number | null;
  heart_rate: number | null;
  temperature_c: number | null;
  consciousness: "ALERT" | "CONFUSION" | "VOICE" | "PAIN" | "UNRESPONSIVE" | null;
}

export interface Score {
  /** Sum of what was measured. */
  sum: number;
  /** Parameters that are missing: while there are some, the sum is no NEWS2. */
  missing: number;
  risk: "risk_low" | "risk_low_medium" | "risk_medium" | "risk_high";
}

/** Upper bound, inclusive, of each band, and its score. */
type Bands = readonly (readonly [number, number])[];

const RESPIRATIONS: Bands = [
  [8, 3],
  [11, 1],
  [20, 0],
  [24, 2],
  [Infinity, 3],
];
const SATURATION_1: Bands = [
  [91, 3],
  [93, 2],
  [95, 1],
  [Infinity, 0],
];
const SATURATION_2_AIR: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [Infinity, 0],
];
const SATURATION_2_OXYGEN: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [92, 0],
  [94, 1],
  [96, 2],
  [Infinity, 3],
];
const SYSTOLIC: Bands = [
  [90, 3],
  [100, 2],
  [110, 1],
  [219, 0],
  [Infinity, 3],
];
const PULSE: Bands = [
  [40, 3],
  [50, 1],
  [90, 0],
  [110, 1],
  [130, 2],
  [Infinity, 3],
];
/** Tenths of a degree, so that there is no gap between 36.0 and 36.1. */
const TEMPERATURE: Bands = [
  [350, 3],
  [360, 1],
  [380, 0],
  [390, 1],
  [Infinity, 2],
];

export function news2(signs: Signs): Score {
  const saturation = !signs.oxygen_scale_2
    ? SATURATION_1
    : signs.on_oxygen === true
      ? SATURATION_2_OXYGEN
      : SATURATION_2_AIR;
  const scores = [
    band(RESPIRATIONS, signs.respiratory_rate),
    band(saturation, signs.oxygen_saturation),
    signs.on_oxygen === null ? null : signs.on_oxygen ? 2 : 0,
    band(SYSTOLIC, signs.systolic_bp),
    band(PULSE, signs.heart_rate),
    signs.consciousness === null ? null : signs.consciousness === "ALERT" ? 0 : 3,
    band(TEMPERATURE, signs.temperature_c === null ? null : Math.round(signs.temperature_c * 10)),
  ];
  const measured = scores.filter((score) => score !== null);
  const sum = measured.reduce((total, score) => total + score, 0);
  return { sum, missing: scores.length - measured.length, risk: riskOf(sum, Math.max(0, ...measured)) };
}

function band(bands: Bands, value: number | null): number | null {
  if (value === null) return null;
  return bands.find(([upper]) => value <= upper)?.[1] ?? null;
}

function riskOf(sum: number, highest: number): Score["risk"] {
  if (sum >= 7) return "risk_high";
  if (sum >= 5) return "risk_medium";
  return highest === 3 ? "risk_low_medium" : "risk_low";
}
