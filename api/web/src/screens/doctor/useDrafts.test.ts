import { describe, expect, it } from "vitest";
import { withDraft } from "./useDrafts";

const A = { token: "GM-1", notes: "a", prescription: "" };

describe("drafts", () => {
  it("are kept per visit", () => {
    const two = withDraft(withDraft({}, "1", A), "2", { ...A, notes: "b" });
    expect(two["1"]?.notes).toBe("a");
    expect(withDraft(two, "1", null)).toEqual({ "2": { ...A, notes: "b" } });
  });

  it("without words are none", () => {
    expect(withDraft({ "1": A }, "1", { ...A, notes: " " })).toEqual({});
  });
});
