import { describe, expect, it } from "vitest";
import {
  isDiastolicAbove,
  isEmpty,
  isWrong,
  NOTHING,
  NUMBER_SIGNS,
  signsOf,
  verdictOn,
  type Typed,
} from "./typed";

const typing = (part: Partial<Typed>): Typed => ({ ...NOTHING, ...part });
const sign = (name: string) => {
  const found = NUMBER_SIGNS.find((one) => one.sign === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe("a typed sign", () => {
  it.each([
    ["TEMPERATURE", "37,2", { kind: "fine", value: 37.2 }],
    ["TEMPERATURE", "12", { kind: "out_of_range", min: 20, max: 46 }],
    ["TEMPERATURE", "43", { kind: "unusual", value: 43 }],
    ["HEART_RATE", "80.5", { kind: "not_whole" }],
    ["HEART_RATE", "eighty", { kind: "not_a_number" }],
    ["HEART_RATE", "-1", { kind: "not_a_number" }],
    ["HEART_RATE", "1e2", { kind: "not_a_number" }],
    ["HEART_RATE", " ", { kind: "empty" }],
  ] as const)("%s %s", (name, text, verdict) => {
    expect(verdictOn(sign(name), typing({ numbers: { [name]: text } }))).toEqual(verdict);
  });

  it("is converted from the unit that it was typed in, and so are its limits", () => {
    const fahrenheit = typing({ numbers: { TEMPERATURE: "101.3" }, units: { TEMPERATURE: 1 } });
    expect(verdictOn(sign("TEMPERATURE"), fahrenheit)).toEqual({ kind: "fine", value: 38.5 });
    const cold = typing({ numbers: { TEMPERATURE: "40" }, units: { TEMPERATURE: 1 } });
    expect(verdictOn(sign("TEMPERATURE"), cold)).toEqual({ kind: "out_of_range", min: 68, max: 114.8 });
    const sugar = typing({ numbers: { GLUCOSE: "99" }, units: { GLUCOSE: 1 } });
    expect(verdictOn(sign("GLUCOSE"), sugar)).toEqual({ kind: "fine", value: 5.5 });
  });

  it("that is wrong is not sent", () => {
    const typed = typing({ numbers: { HEART_RATE: "80", SYSTOLIC_BP: "999" }, onOxygen: false });
    expect(signsOf(typed)).toEqual({ heart_rate: 80, on_oxygen: false });
    expect(isWrong(typed)).toBe(true);
  });
});

describe("a set", () => {
  it("with oxygen alone is empty", () => {
    expect(isEmpty(signsOf(typing({ onOxygen: true, isScale2: true })))).toBe(true);
    expect(isEmpty(signsOf(typing({ unmeasurable: ["HEART_RATE"] })))).toBe(false);
  });

  it("knows pressures that contradict each other", () => {
    expect(isDiastolicAbove({ systolic_bp: 80, diastolic_bp: 120 })).toBe(true);
    expect(isDiastolicAbove({ systolic_bp: 120 })).toBe(false);
  });
});
