import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { changesBetween } from "./changes";

const SEEN = { version: 3, state: "CALLED", level: 3, room: "1", recall_count: 0 } as Schemas["VisitView"];

describe("a conflict", () => {
  it("tells what changed and what it is now", () => {
    const now = {
      ...SEEN,
      version: 5,
      state: "WAITING",
      level: 2,
      room: undefined,
      vitals: { pain: 3, unmeasurable: [] },
    };
    expect(changesBetween(SEEN, now as unknown as Schemas["VisitView"])).toEqual([
      { what: "state", value: "WAITING" },
      { what: "level", value: 2 },
      { what: "room", value: undefined },
      { what: "vitals" },
    ]);
  });

  it("tells nothing when only the version is another", () => {
    expect(changesBetween(SEEN, { ...SEEN, version: 4 })).toEqual([]);
  });
});
