import type { Schemas } from "../../api/client";

type Visit = Schemas["VisitView"];

/** What somebody else changed, and what it is now. */
export type Change =
  | { what: "state"; value: Visit["state"] }
  | { what: "level"; value: number | undefined }
  | { what: "room" | "doctor" | "department"; value: string | undefined }
  | { what: "vitals" | "recalls" | "notes" };

/** What differs between the visit that somebody decided on and the visit as it is. */
export function changesBetween(seen: Visit, now: Visit): readonly Change[] {
  const changes: Change[] = [];
  if (seen.state !== now.state) changes.push({ what: "state", value: now.state });
  if (seen.level !== now.level) changes.push({ what: "level", value: now.level });
  if (seen.department_id !== now.department_id)
    changes.push({ what: "department", value: now.department_id });
  if (seen.doctor_id !== now.doctor_id) changes.push({ what: "doctor", value: now.doctor_id });
  if (seen.room !== now.room) changes.push({ what: "room", value: now.room });
  if (JSON.stringify(seen.vitals) !== JSON.stringify(now.vitals)) changes.push({ what: "vitals" });
  if (seen.recall_count !== now.recall_count) changes.push({ what: "recalls" });
  if ((seen.notes?.length ?? 0) !== (now.notes?.length ?? 0)) changes.push({ what: "notes" });
  return changes;
}
