import { describe, expect, it } from "vitest";
import { format } from "./format";

const PEOPLE = "{count, plural, =0 {nobody} one {# person} other {# people}} before {name}";

describe("messages", () => {
  it("are filled in, with the plural of the language", () => {
    expect(format(PEOPLE, { count: 0, name: "Ada" }, "en")).toBe("nobody before Ada");
    expect(format(PEOPLE, { count: 1, name: "Ada" }, "en")).toBe("1 person before Ada");
    expect(format(PEOPLE, { count: 1200, name: "Ada" }, "en")).toBe("1,200 people before Ada");
    const arabic = "{count, plural, two {شخصان} few {# أشخاص} other {# شخص}}";
    expect(format(arabic, { count: 2 }, "ar-u-nu-latn")).toBe("شخصان");
    expect(format(arabic, { count: 3 }, "ar-u-nu-latn")).toBe("3 أشخاص");
  });

  it("take what stands in values as it is", () => {
    expect(format("Hello {name}", { name: "{count}" }, "en")).toBe("Hello {count}");
  });

  it("show a value that is missing", () => {
    expect(format("Hello {name}", {}, "en")).toBe("Hello {name}");
  });
});
