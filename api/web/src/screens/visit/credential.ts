import { forget, recall, remember } from "../../intent/memory";

export interface OwnVisit {
  visitId: string;
  /** The patient's credential for this one visit, good for a day. */
  visitToken: string;
}

const NAME = "medique.visit";

/** Keeps the visit of this phone's owner. */
export function keepVisit(visit: OwnVisit): void {
  remember("local", NAME, visit);
}

export function ownVisit(): OwnVisit | null {
  return recall<OwnVisit>("local", NAME);
}

export function forgetVisit(): void {
  forget("local", NAME);
}
