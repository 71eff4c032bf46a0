import { describe, expect, it } from "vitest";
import { posterOf } from "./poster";

const link = (id: string, more: Record<string, string> = {}) => ({
  ...{ id, department_id: "gm", kind: "poster", state: "active", expires_at: "2026-02-01T00:00:00Z" },
  ...more,
});

describe("the poster of a department", () => {
  it("is the active one of all its doctors that will hang longest", () => {
    const links = [
      link("old", { expires_at: "2026-01-02T00:00:00Z" }),
      link("long", { expires_at: "2026-03-02T00:00:00Z" }),
      link("revoked", { state: "revoked", expires_at: "2027-01-01T00:00:00Z" }),
      link("elsewhere", { department_id: "pd", expires_at: "2027-01-01T00:00:00Z" }),
      link("of a doctor", { doctor_id: "d", expires_at: "2027-01-01T00:00:00Z" }),
      link("of a patient", { kind: "single_use", expires_at: "2027-01-01T00:00:00Z" }),
    ];
    expect(posterOf(links, "gm")?.id).toBe("long");
  });

  it("may be missing", () => {
    expect(posterOf([link("a", { state: "expired" })], "gm")).toBeNull();
  });
});
