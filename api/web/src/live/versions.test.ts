import { describe, expect, it } from "vitest";
import { Newest } from "./versions";

const visit = (version: number, state = "WAITING") => ({ visit_id: "v", version, state });

describe("the newest versions", () => {
  it("drops what comes twice or late", () => {
    const newest = new Newest<ReturnType<typeof visit>>();
    expect(newest.put(visit(2))).toBe(true);
    expect(newest.put(visit(2, "CALLED"))).toBe(false);
    expect(newest.put(visit(1, "CALLED"))).toBe(false);
    expect(newest.all().get("v")?.state).toBe("WAITING");
  });

  it("does not let an old event bring back what was taken away", () => {
    const newest = new Newest<ReturnType<typeof visit>>();
    newest.put(visit(2));
    expect(newest.remove(visit(3))).toBe(true);
    expect(newest.put(visit(2))).toBe(false);
    expect(newest.all().size).toBe(0);
    expect(newest.put(visit(4))).toBe(true);
  });

  it("believes a snapshot, whatever was there before", () => {
    const newest = new Newest<ReturnType<typeof visit>>();
    newest.put(visit(9));
    newest.replace([visit(3)]);
    expect(newest.all().get("v")?.version).toBe(3);
  });
});
