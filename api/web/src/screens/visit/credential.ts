import { forgetSealed, recallSealed, rememberSealed } from "../../intent/sealed";

export interface OwnVisit {
  visitId: string;
  /** The patient's credential for this one visit, good for a day. */
  visitToken: string;
}

const NAME = "medique.visit";

/** Keeps the visit of this phone's owner. */
export function keepVisit(visit: OwnVisit): void {
  rememberSealed("local", NAME, visit);
}

export function ownVisit(): OwnVisit | null {
  return recallSealed<OwnVisit>("local", NAME);
}

export function forgetVisit(): void {
  forgetSealed("local", NAME);
}
