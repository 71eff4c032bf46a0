import type { Signs } from "./news2";

/** Numbers that are typed, in the order of a round, with what a living patient can have. */
export const NUMBERS = [
  { name: "respiratory_rate", from: 3, to: 80, decimals: 0 },
  { name: "oxygen_saturation", from: 40, to: 100, decimals: 0 },
  { name: "systolic_bp", from: 40, to: 300, decimals: 0 },
  { name: "diastolic_bp", from: 20, to: 200, decimals: 0 },
  { name: "heart_rate", from: 20, to: 260, decimals: 0 },
  { name: "temperature_c", from: 25, to: 44, decimals: 1 },
  { name: "pain", from: 0, to: 10, decimals: 0 },
  { name: "glucose_mmol_l", from: 0.5, to: 60, decimals: 1 },
] as const;

export type NumberName = (typeof NUMBERS)[number]["name"];

export interface Typed {
  numbers: Readonly<Partial<Record<NumberName, string>>>;
  consciousness: Signs["consciousness"];
  onOxygen: boolean | null;
  scale2: boolean;
}

export const NOTHING: Typed = { numbers: {}, consciousness: null, onOxygen: null, scale2: false };

/** A number as it is typed anywhere, with a comma or a point; null when it is none. */
export function numberOf(text: string | undefined): number | null {
  if (text === undefined || !/^\s*\d+([.,]\d+)?\s*$/.test(text)) return null;
  return Number(text.replace(",", "."));
}

/** What is wrong with a number; null when nothing is, or when nothing was typed. */
export function wrongWith(name: NumberName, text: string | undefined): "not_number" | "implausible" | null {
  if (text === undefined || text.trim() === "") return null;
  const value = numberOf(text);
  const rule = NUMBERS.find((one) => one.name === name);
  if (value === null || rule === undefined) return "not_number";
  if (rule.decimals === 0 && !Number.isInteger(value)) return "not_number";
  return value < rule.from || value > rule.to ? "implausible" : null;
}

export function signsOf(typed: Typed): Signs {
  const { numbers } = typed;
  return {
    respiratory_rate: numberOf(numbers.respiratory_rate),
    oxygen_saturation: numberOf(numbers.oxygen_saturation),
    on_oxygen: typed.onOxygen,
    oxygen_scale_2: typed.scale2,
    systolic_bp: numberOf(numbers.systolic_bp),
    heart_rate: numberOf(numbers.heart_rate),
    temperature_c: numberOf(numbers.temperature_c),
    consciousness: typed.consciousness,
  };
}

/** The body of the recording: what was not measured is left out. */
export function bodyOf(typed: Typed): Record<string, unknown> {
  const numbers = NUMBERS.flatMap(({ name }) => {
    const value = numberOf(typed.numbers[name]);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(numbers),
    ...(typed.consciousness === null ? {} : { consciousness: typed.consciousness }),
    ...(typed.onOxygen === null ? {} : { on_oxygen: typed.onOxygen }),
    ...(typed.scale2 ? { oxygen_scale_2: true } : {}),
  };
}
