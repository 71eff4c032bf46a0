import { describe, expect, it } from "vitest";
import type { Department } from "../parts/data";
import { changedSince, complaintsOf, departmentBody, NEW_DEPARTMENT } from "./settings";

const good = { ...NEW_DEPARTMENT, code: "GM", name: "General Medicine" };

describe("settings of a department", () => {
  it("are complete before they are sent", () => {
    expect(complaintsOf(good)).toEqual({});
    expect(complaintsOf(NEW_DEPARTMENT)).toEqual({ code: "code_wrong", name: "name_missing" });
  });

  it.each(["g m", "TOOLONGX", "É", "<b>", ""])("have a code that can be said: %j", (code) => {
    expect(complaintsOf({ ...good, code }).code).toBe("code_wrong");
  });

  it.each([
    [[0, 10, 60, 120]],
    [[0, 60, 10, 120, 240]],
    [[0, 10, 60, 120, -1]],
    [[0, 1.5, 60, 120, 240]],
    [[NaN, 1, 2, 3, 4]],
  ])("have targets that rise: %j", (target_minutes) => {
    expect(complaintsOf({ ...good, target_minutes }).target_minutes).toBe("targets_wrong");
  });

  it("are sent back whole, with the version that was seen", () => {
    const view = { ...good, department_id: "d", version: 7 } as unknown as Department;
    expect(departmentBody(view)).toEqual({ ...good, expected_version: 7 });
  });

  it("tell what somebody else changed", () => {
    const before = { name: "A", targets: [1, 2], version: 1 };
    expect(changedSince(before, { name: "B", targets: [1, 2], version: 2 })).toEqual(["name"]);
  });
});
