import { describe, expect, it } from "vitest";
import type { StaffMember } from "../parts/data";
import { filterStaff, grantComplaint, grantsBody, isMailAddress } from "./filter";

const someone = (name: string, role: string, status: string) =>
  ({ id: name, name, email: `${name.split(" ")[0] ?? ""}@h.example`, role, status }) as StaffMember;
const ALL = [someone("José Álvarez", "DOCTOR", "ACTIVE"), someone("Ann Lee", "NURSE", "INVITED")];
const names = (filter: Partial<Parameters<typeof filterStaff>[1]>) =>
  filterStaff(ALL, { search: "", role: "all", status: "all", ...filter }).map((one) => one.name);

describe("finding staff", () => {
  it("goes by words in any order, without accents", () => {
    expect(names({ search: "alvarez JOSE" })).toEqual(["José Álvarez"]);
    expect(names({ search: "@h.example" })).toHaveLength(2);
    expect(names({ search: "nobody" })).toEqual([]);
  });

  it("goes by role and status", () => {
    expect(names({ role: "NURSE" })).toEqual(["Ann Lee"]);
    expect(names({ status: "ACTIVE" })).toEqual(["José Álvarez"]);
  });

  it("stays quick with ten thousand", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => someone(`Person ${index}`, "NURSE", "ACTIVE"));
    expect(filterStaff(many, { search: "person 9999", role: "all", status: "all" })).toHaveLength(1);
  });
});

describe("grants", () => {
  it("name departments unless they are for all", () => {
    expect(grantComplaint({ role: "NURSE", isEverywhere: false, departments: [] })).toBe(
      "choose_departments",
    );
    expect(grantComplaint({ role: "NURSE", isEverywhere: true, departments: [] })).toBeNull();
    expect(grantsBody({ role: "ADMIN", isEverywhere: true, departments: ["a"] }).departments).toEqual([]);
  });

  it("need an address that can be one", () => {
    expect(isMailAddress("a@b.example")).toBe(true);
    for (const text of ["", "a", "a@b", "a b@c.d", "@b.c"]) expect(isMailAddress(text), text).toBe(false);
  });
});
