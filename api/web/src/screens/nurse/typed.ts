import type { SignName, Signs } from "../clinical/news2";

/** A unit that a sign may be typed in, and what makes it the api's. */
export interface Unit {
  name: string;
  toApi: (value: number) => number;
  fromApi: (value: number) => number;
}

const as = (name: string): Unit => ({ name, toApi: (value) => value, fromApi: (value) => value });
const tenths = (value: number) => Math.round(value * 10) / 10;
/** Milligrams in a decilitre of blood with one millimole of glucose in a litre. */
const MG_PER_MMOL = 18.016;

/** A sign that is typed as a number. Limits are the api's; beyond `usual` somebody should look twice. */
export interface NumberSign {
  sign: SignName;
  field: Exclude<keyof Signs, "unmeasurable" | "on_oxygen" | "oxygen_scale_2" | "consciousness">;
  range: readonly [number, number];
  usual: readonly [number, number];
  decimals: 0 | 1;
  units: readonly [Unit, ...Unit[]];
}

/** In the order of a round. */
export const NUMBER_SIGNS: readonly NumberSign[] = [
  {
    sign: "RESPIRATORY_RATE",
    field: "respiratory_rate",
    range: [0, 100],
    usual: [6, 50],
    decimals: 0,
    units: [as("/min")],
  },
  {
    sign: "OXYGEN_SATURATION",
    field: "oxygen_saturation",
    range: [0, 100],
    usual: [70, 100],
    decimals: 0,
    units: [as("%")],
  },
  {
    sign: "SYSTOLIC_BP",
    field: "systolic_bp",
    range: [0, 350],
    usual: [60, 250],
    decimals: 0,
    units: [as("mmHg")],
  },
  {
    sign: "DIASTOLIC_BP",
    field: "diastolic_bp",
    range: [0, 250],
    usual: [30, 150],
    decimals: 0,
    units: [as("mmHg")],
  },
  {
    sign: "HEART_RATE",
    field: "heart_rate",
    range: [0, 400],
    usual: [30, 220],
    decimals: 0,
    units: [as("/min")],
  },
  {
    sign: "TEMPERATURE",
    field: "temperature_c",
    range: [20, 46],
    usual: [32, 42],
    decimals: 1,
    units: [
      as("°C"),
      {
        name: "°F",
        toApi: (value) => tenths(((value - 32) * 5) / 9),
        fromApi: (value) => tenths((value * 9) / 5 + 32),
      },
    ],
  },
  { sign: "PAIN", field: "pain", range: [0, 10], usual: [0, 10], decimals: 0, units: [as("/10")] },
  {
    sign: "GLUCOSE",
    field: "glucose_mmol_l",
    range: [0, 100],
    usual: [2, 40],
    decimals: 1,
    units: [
      as("mmol/L"),
      {
        name: "mg/dL",
        toApi: (value) => tenths(value / MG_PER_MMOL),
        fromApi: (value) => Math.round(value * MG_PER_MMOL),
      },
    ],
  },
  {
    sign: "CAPILLARY_REFILL",
    field: "capillary_refill_s",
    range: [0, 30],
    usual: [0, 5],
    decimals: 1,
    units: [as("s")],
  },
];

/** What stands in the form. */
export interface Typed {
  numbers: Readonly<Partial<Record<SignName, string>>>;
  /** Which of its units a sign is typed in. */
  units: Readonly<Partial<Record<SignName, number>>>;
  unmeasurable: readonly SignName[];
  consciousness: Signs["consciousness"] | null;
  onOxygen: boolean | null;
  /** Null: as it was before. */
  isScale2: boolean | null;
}

export const NOTHING: Typed = {
  numbers: {},
  units: {},
  unmeasurable: [],
  consciousness: null,
  onOxygen: null,
  isScale2: null,
};

export type Verdict =
  | { kind: "empty" | "not_a_number" | "not_whole" }
  | { kind: "out_of_range"; min: number; max: number }
  | { kind: "fine" | "unusual"; value: number };

export function unitOf(sign: NumberSign, typed: Typed): Unit {
  return sign.units[typed.units[sign.sign] ?? 0] ?? sign.units[0];
}

/** What a typed number is, with a comma or a point, in the unit that is chosen. */
export function verdictOn(sign: NumberSign, typed: Typed): Verdict {
  const text = (typed.numbers[sign.sign] ?? "").trim();
  if (text === "") return { kind: "empty" };
  if (!/^\d{1,4}([.,]\d{0,2})?$/u.test(text)) return { kind: "not_a_number" };
  const unit = unitOf(sign, typed);
  const number = Number(text.replace(",", "."));
  if (sign.decimals === 0 && !Number.isInteger(number)) return { kind: "not_whole" };
  const value = unit.toApi(number);
  const [min, max] = sign.range;
  if (value < min || value > max)
    return { kind: "out_of_range", min: unit.fromApi(min), max: unit.fromApi(max) };
  return { kind: value < sign.usual[0] || value > sign.usual[1] ? "unusual" : "fine", value };
}

/** The signs that were typed and can be; what is wrong is left out. */
export function signsOf(typed: Typed): Signs {
  const numbers = NUMBER_SIGNS.flatMap((sign) => {
    const verdict = verdictOn(sign, typed);
    return "value" in verdict ? [[sign.field, verdict.value] as const] : [];
  });
  return {
    ...(Object.fromEntries(numbers) as Signs),
    ...(typed.consciousness === null || typed.consciousness === undefined
      ? {}
      : { consciousness: typed.consciousness }),
    ...(typed.onOxygen === null ? {} : { on_oxygen: typed.onOxygen }),
    ...(typed.isScale2 === null ? {} : { oxygen_scale_2: typed.isScale2 }),
    ...(typed.unmeasurable.length === 0 ? {} : { unmeasurable: typed.unmeasurable }),
  };
}

/** Whether something is there that the api would not take. */
export function isWrong(typed: Typed): boolean {
  const kinds = NUMBER_SIGNS.map((sign) => verdictOn(sign, typed).kind);
  return kinds.some((kind) => kind === "not_a_number" || kind === "not_whole" || kind === "out_of_range");
}

/** Whether there is anything to record: oxygen alone says nothing about the patient. */
export function isEmpty(signs: Signs): boolean {
  return Object.keys(signs).every((field) => field === "on_oxygen" || field === "oxygen_scale_2");
}

/** Whether the two pressures contradict each other. */
export function isDiastolicAbove(signs: Signs): boolean {
  const { systolic_bp: systolic, diastolic_bp: diastolic } = signs;
  return systolic !== undefined && diastolic !== undefined && diastolic >= systolic;
}
