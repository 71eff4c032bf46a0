import type { Schemas } from "../../api/client";

type Link = Pick<Schemas["LinkView"], "department_id" | "doctor_id" | "expires_at" | "kind" | "state">;

/** The poster of a department that will hang longest: not one that leads to a single doctor. */
export function posterOf<T extends Link>(links: readonly T[], department: string): T | null {
  const own = links.filter(
    (link) =>
      link.department_id === department &&
      link.kind === "poster" &&
      link.state === "active" &&
      link.doctor_id === undefined,
  );
  const last = own.sort((a, b) => Date.parse(b.expires_at) - Date.parse(a.expires_at));
  return last[0] ?? null;
}
