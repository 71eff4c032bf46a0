import type { Department } from "../../hospital/useDepartments";
import type { Claims } from "../../session/claims";

/** The departments that somebody works in; others are only there to transfer to. */
export function granted(departments: readonly Department[], claims: Claims): readonly Department[] {
  const own = claims.departments;
  return own === null ? departments : departments.filter((one) => own.includes(one.department_id));
}
