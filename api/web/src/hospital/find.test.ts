import { describe, expect, it } from "vitest";
import { isSameName, matches } from "./find";
import type { QueueItem } from "./useQueue";

const item = { token: "GM-042", name: "José Álvarez", complaint: "dolor de cabeza" } as QueueItem;

describe("finding a patient", () => {
  it("takes part of the token, the name or the complaint", () => {
    for (const text of ["gm-042", "GM042", "042", "jose", "ALVAREZ", "cabeza", " "]) {
      expect(matches(item, text), text).toBe(true);
    }
    expect(matches(item, "maria")).toBe(false);
  });

  it("knows a name in another order", () => {
    expect(isSameName("José Álvarez", "alvarez  jose")).toBe(true);
    expect(isSameName("José", "José Álvarez")).toBe(false);
    expect(isSameName(" ", "")).toBe(false);
  });
});
