/**
 * NEWS2 as it is typed: the very table of `domain/src/triage/news2.rs`, for a preview. What counts is what the api
 * computes. Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017.
 */
import type { Schemas } from "../../api/client";

export type Signs = Partial<Omit<Schemas["VitalsPart"], "unmeasurable">> & {
  unmeasurable?: readonly SignName[];
};
export type SignName = Schemas["VitalsPart"]["unmeasurable"][number];
export type Risk = "low" | "low_medium" | "medium" | "high";

/** The signs that NEWS2 is made of, in the order of its chart. */
export const NEWS2_SIGNS = [
  "RESPIRATORY_RATE",
  "OXYGEN_SATURATION",
  "ON_OXYGEN",
  "SYSTOLIC_BP",
  "HEART_RATE",
  "CONSCIOUSNESS",
  "TEMPERATURE",
] as const satisfies readonly SignName[];
export type News2Sign = (typeof NEWS2_SIGNS)[number];

export interface News2 {
  /** Points of each sign that has a value, 0 to 3. */
  points: ReadonlyMap<News2Sign, number>;
  /** Sum over these; a lower bound while something is missing. */
  measured: number;
  highest: number;
  missing: readonly News2Sign[];
  scale: 1 | 2;
  risk: Risk;
}

/** Youngest age, years, for which NEWS2 is valid. */
export const AGE_MIN = 16;

/** Upper bound (inclusive) of each band, and its points. */
type Bands = readonly (readonly [number, number])[];

const MAX = Number.POSITIVE_INFINITY;
const RESPIRATIONS: Bands = [
  [8, 3],
  [11, 1],
  [20, 0],
  [24, 2],
  [MAX, 3],
];
const SATURATION_1: Bands = [
  [91, 3],
  [93, 2],
  [95, 1],
  [MAX, 0],
];
const SATURATION_2_AIR: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [MAX, 0],
];
const SATURATION_2_OXYGEN: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [92, 0],
  [94, 1],
  [96, 2],
  [MAX, 3],
];
const SYSTOLIC: Bands = [
  [90, 3],
  [100, 2],
  [110, 1],
  [219, 0],
  [MAX, 3],
];
const PULSE: Bands = [
  [40, 3],
  [50, 1],
  [90, 0],
  [110, 1],
  [130, 2],
  [MAX, 3],
];
/** Tenths of a degree, so that there is no gap between 36.0 and 36.1. */
const TEMPERATURE: Bands = [
  [350, 3],
  [360, 1],
  [380, 0],
  [390, 1],
  [MAX, 2],
];

function band(bands: Bands, value: number | undefined): number | null {
  if (value === undefined) return null;
  return bands.find(([upper]) => value <= upper)?.[1] ?? null;
}

function saturationBands(signs: Signs): Bands {
  if (signs.oxygen_scale_2 !== true) return SATURATION_1;
  return signs.on_oxygen === true ? SATURATION_2_OXYGEN : SATURATION_2_AIR;
}

function pointsOf(sign: News2Sign, signs: Signs): number | null {
  switch (sign) {
    case "RESPIRATORY_RATE":
      return band(RESPIRATIONS, signs.respiratory_rate);
    case "OXYGEN_SATURATION":
      return band(saturationBands(signs), signs.oxygen_saturation);
    case "ON_OXYGEN":
      if (signs.on_oxygen === undefined) return null;
      return signs.on_oxygen ? 2 : 0;
    case "SYSTOLIC_BP":
      return band(SYSTOLIC, signs.systolic_bp);
    case "HEART_RATE":
      return band(PULSE, signs.heart_rate);
    case "CONSCIOUSNESS":
      if (signs.consciousness === undefined) return null;
      return signs.consciousness === "ALERT" ? 0 : 3;
    case "TEMPERATURE":
      return band(
        TEMPERATURE,
        signs.temperature_c === undefined ? undefined : Math.round(signs.temperature_c * 10),
      );
  }
}

function riskOf(measured: number, highest: number): Risk {
  if (measured >= 7) return "high";
  if (measured >= 5) return "medium";
  return highest >= 3 ? "low_medium" : "low";
}

/** Scores an adult's signs. A value from before the sign became unmeasurable counts, but completes nothing. */
export function news2(signs: Signs): News2 {
  const points = new Map<News2Sign, number>();
  const missing: News2Sign[] = [];
  for (const sign of NEWS2_SIGNS) {
    const score = pointsOf(sign, signs);
    if (score !== null) points.set(sign, score);
    if (score === null || signs.unmeasurable?.includes(sign) === true) missing.push(sign);
  }
  const scores = [...points.values()];
  const measured = scores.reduce((sum, score) => sum + score, 0);
  const highest = Math.max(0, ...scores);
  return {
    points,
    measured,
    highest,
    missing,
    scale: signs.oxygen_scale_2 === true ? 2 : 1,
    risk: riskOf(measured, highest),
  };
}

const FIELDS = {
  RESPIRATORY_RATE: "respiratory_rate",
  OXYGEN_SATURATION: "oxygen_saturation",
  ON_OXYGEN: "on_oxygen",
  SYSTOLIC_BP: "systolic_bp",
  DIASTOLIC_BP: "diastolic_bp",
  HEART_RATE: "heart_rate",
  TEMPERATURE: "temperature_c",
  CONSCIOUSNESS: "consciousness",
  PAIN: "pain",
  GLUCOSE: "glucose_mmol_l",
  CAPILLARY_REFILL: "capillary_refill_s",
} as const satisfies Record<SignName, keyof Signs>;

/** The name of the member of an answer, and of the text, that belongs to a sign. */
export function fieldOf<S extends SignName>(sign: S): (typeof FIELDS)[S] {
  return FIELDS[sign];
}

/**
 * What the api makes of new signs: a sign that was not measured again keeps its last value, and stays unmeasurable
 * until it is measured.
 */
export function merge(old: Signs | undefined, now: Signs): Signs {
  if (old === undefined) return now;
  const still = (old.unmeasurable ?? []).filter((sign) => now[fieldOf(sign)] === undefined);
  return { ...old, ...now, unmeasurable: [...new Set([...(now.unmeasurable ?? []), ...still])] };
}
