import type { Schemas } from "../../../api/client";
import type { Department, Room } from "../parts/data";

export type DepartmentBody = Schemas["DepartmentBody"];
export type RoomBody = Schemas["RoomBody"];

/** What a new department has, as the api has it by default. */
export const NEW_DEPARTMENT: DepartmentBody = {
  code: "",
  name: "",
  open: true,
  default_level: 3,
  target_minutes: [0, 10, 60, 120, 240],
  transfer_place: "BY_ARRIVAL",
  return_place: "ORIGINAL",
  no_show_recalls: 2,
  no_show_grace_s: 120,
  exempt_from_day_close: false,
  triage_policy: "suggest",
};

/** All settings of a department, to be sent back with changes: a PUT replaces them all. */
export function departmentBody(view: Department): DepartmentBody {
  const body: DepartmentBody & Partial<Department> = { ...view, expected_version: view.version };
  delete body.department_id;
  delete body.version;
  return body;
}

/** All settings of a room. */
export function roomBody(view: Room): RoomBody {
  const body: RoomBody & Partial<Room> = { ...view, expected_version: view.version };
  delete body.room_id;
  delete body.department_id;
  delete body.version;
  return body;
}

export type Complaint = "code_wrong" | "name_missing" | "targets_wrong" | "number_wrong";

/** What is wrong with the settings of a department, by field. */
export function complaintsOf(body: DepartmentBody): Partial<Record<keyof DepartmentBody, Complaint>> {
  const found: Partial<Record<keyof DepartmentBody, Complaint>> = {};
  if (!isCode(body.code)) found.code = "code_wrong";
  if (body.name.trim() === "") found.name = "name_missing";
  const targets = body.target_minutes;
  const isRising = targets.every(
    (one, at) => isWhole(one, 10_080) && (at === 0 || one >= (targets[at - 1] ?? 0)),
  );
  if (targets.length !== 5 || !isRising) found.target_minutes = "targets_wrong";
  if (!isWhole(body.no_show_recalls, 100)) found.no_show_recalls = "number_wrong";
  if (!isWhole(body.no_show_grace_s, 86_400)) found.no_show_grace_s = "number_wrong";
  return found;
}

/** Codes are said and shown: letters and digits, six at most. */
export function isCode(text: string): boolean {
  return /^[A-Z0-9]{1,6}$/.test(text);
}

function isWhole(value: number | undefined, most: number): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= most;
}

/** Fields that somebody else changed since `before`, other than its version. */
export function changedSince<T extends object>(before: T, after: T): (keyof T)[] {
  const keys = Object.keys(after) as (keyof T)[];
  return keys.filter(
    (key) => key !== "version" && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}
