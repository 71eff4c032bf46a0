import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LANGUAGE_CODES } from "./languages";

interface Rules {
  questions: { id: string; text: Partial<Record<string, string>> }[];
}

const RULES = new URL("../../../../domain/rules/triage-v2.json", import.meta.url);
const { questions } = JSON.parse(readFileSync(RULES, "utf8")) as Rules;

describe("the questions of a check-in", () => {
  it.each(LANGUAGE_CODES)("are all asked in %s", (language) => {
    expect(questions.length).toBeGreaterThan(0);
    const texts = questions.map((question) => question.text[language]?.trim() ?? "");
    expect(texts).not.toContain("");
    expect(new Set(texts).size).toBe(questions.length);
  });
});
