import type { StaffMember } from "../parts/data";

/** Roles of accounts; patients have none. */
export const ROLES = ["ADMIN", "RECEPTION", "NURSE", "DOCTOR", "DISPLAY"] as const;
export const STATUSES = ["ACTIVE", "INVITED", "DISABLED"] as const;

export type StaffRole = (typeof ROLES)[number];

/** Which accounts are wanted; `all` where it does not matter. */
export interface Filter {
  search: string;
  role: string;
  status: string;
}

/** Accounts whose name or address has every word of the search, accents and case aside. */
export function filterStaff(all: readonly StaffMember[], { search, role, status }: Filter): StaffMember[] {
  const words = plain(search).split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    if (role !== "all" && one.role !== role) return false;
    if (status !== "all" && one.status !== status) return false;
    const text = plain(`${one.name} ${one.email}`);
    return words.every((word) => text.includes(word));
  });
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** What an account is to be, as forms have it. */
export interface Grants {
  role: StaffRole;
  isEverywhere: boolean;
  departments: readonly string[];
}

export type GrantComplaint = "choose_departments";

/** What is wrong with the departments: a role acts somewhere. */
export function grantComplaint({ isEverywhere, departments }: Grants): GrantComplaint | null {
  return !isEverywhere && departments.length === 0 ? "choose_departments" : null;
}

/** The fields of a request. */
export function grantsBody({ role, isEverywhere, departments }: Grants) {
  return { role, all_departments: isEverywhere, departments: isEverywhere ? [] : [...departments] };
}

/** Rough check before the api's: something, an at sign, something with a dot. */
export function isMailAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());
}
