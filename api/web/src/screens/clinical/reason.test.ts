import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import english from "../../texts/rules/en";
import { reasonIn } from "./reason";

interface Rules {
  rules: { id: string; reason: { en: string } }[];
}

const FILE = new URL("../../../../../domain/rules/triage-v2.json", import.meta.url);
const { rules } = JSON.parse(readFileSync(FILE, "utf8")) as Rules;

describe("the reason of a rule", () => {
  // That the other languages have the same keys and no empty text is tested with all texts.
  it("is known for every rule, and for no other", () => {
    expect(english).toEqual(Object.fromEntries(rules.map((rule) => [rule.id, rule.reason.en])));
  });

  it("is told in the language of the page", () => {
    const rule = { id: "seizure.over", reason: "Seizure" };
    expect(reasonIn(rule, english, { "seizure.over": "Convulsion" })).toBe("Convulsion");
  });

  it("is left as it is when a house has another rule of that name", () => {
    const translated = { "seizure.over": "Convulsion" };
    expect(reasonIn({ id: "seizure.over", reason: "Seizure, house rule" }, english, translated)).toBeNull();
    expect(reasonIn({ id: "ours", reason: "x" }, english, translated)).toBeNull();
    expect(reasonIn({ id: "seizure.over" }, english, translated)).toBeNull();
  });
});
