import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { format } from "./format";
import { LANGUAGE_CODES, LANGUAGES, pick } from "./languages";

const FOLDER = new URL("../texts/", import.meta.url);
type Messages = Readonly<Record<string, string>>;

async function messages(part: string, language: string): Promise<Messages> {
  return ((await import(`../texts/${part}/${language}.ts`)) as { default: Messages }).default;
}

const FORM = /(?:=\d+|zero|one|two|few|many|other) \{[^{}]*\}/g;
const placeholders = (text: string) =>
  [...text.replaceAll(FORM, "").matchAll(/\{(\w+)[},]/g)].map((match) => match[1]).sort();

describe("languages", () => {
  it("are picked by what the browser asks for", () => {
    expect(pick(["hi-IN", "en"])).toBe("hi");
    expect(pick(["xx", "ar-EG"])).toBe("ar");
    expect(pick([])).toBe("en");
  });

  it.each(readdirSync(FOLDER))("have the same texts with the same values: %s", async (part) => {
    const english = await messages(part, "en");
    for (const language of LANGUAGE_CODES) {
      const other = await messages(part, language);
      expect(Object.keys(other), language).toEqual(Object.keys(english));
      for (const [key, text] of Object.entries(other)) {
        expect(text.trim(), `${language} ${key}`).not.toBe("");
        expect([...new Set(placeholders(text))], `${language} ${key}`).toEqual([
          ...new Set(placeholders(english[key] ?? "")),
        ]);
        for (const count of [0, 1, 2, 3, 11, 100]) {
          const filled = format(text, { count }, LANGUAGES[language].format);
          expect(filled, `${language} ${key}`).not.toContain("plural");
        }
      }
    }
  });
});
