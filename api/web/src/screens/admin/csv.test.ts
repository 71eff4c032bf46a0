import { describe, expect, it } from "vitest";
import { csv } from "./csv";

describe("CSV", () => {
  it("starts no formula, whatever was typed", () => {
    for (const text of ["=1+1", "+1", "-1", "@x", "\tx", "  =x", "\r=x"]) {
      expect(
        csv([[text]])
          .replace(/^"/, "")
          .startsWith("'"),
        JSON.stringify(text),
      ).toBe(true);
    }
  });

  it("quotes what needs it, and leaves numbers alone", () => {
    expect(
      csv([
        ["a", -1, null],
        ['say "no", twice', "x\ny", ""],
      ]),
    ).toBe('a,-1,\r\n"say ""no"", twice","x\ny",\r\n');
  });
});
