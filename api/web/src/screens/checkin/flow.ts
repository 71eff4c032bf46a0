/**
 * The two phases of a check-in by link, and where they stand: scan (which makes a visit without a token), then
 * intake. Each phase is an intent of its own, whose key survives a reload and a dead network.
 */
import { ApiError } from "../../api/problem";
import { carryOut, request, type OnRetry } from "../../intent/intent";
import { IntentKeys } from "../../intent/keys";
import type { Schemas } from "../../api/client";
import { intakeOf, type Draft } from "./draft";

export interface Scanned {
  visitId: string;
  /** The patient's credential for this one visit. */
  visitToken: string;
}

const keys = {
  ticket: new IntentKeys("medique.checkin.ticket"),
  scan: new IntentKeys("medique.checkin.scan"),
  intake: new IntentKeys("medique.checkin.intake"),
};

/** Forgets every key: the next check-in is another patient's. */
export function forgetKeys(): void {
  for (const key of Object.values(keys)) key.settle();
}

/** Draws a ticket where the link is a poster's, and scans it. */
export async function scan(linkToken: string, onRetry?: OnRetry): Promise<Scanned> {
  try {
    return await scanOnce(linkToken, onRetry);
  } catch (error) {
    // A ticket that was drawn before a long pause is dead, the poster is not: draw another one.
    if (!(error instanceof ApiError) || error.code !== "link_expired") throw error;
    forgetKeys();
    return scanOnce(linkToken, onRetry);
  }
}

async function scanOnce(linkToken: string, onRetry?: OnRetry): Promise<Scanned> {
  const draw = { method: "POST", path: "/api/v1/checkin/tickets", body: { link_token: linkToken } } as const;
  const drawKey = keys.ticket.keyFor(draw);
  const { ticket } = await request<Schemas["Ticket"]>({ ...draw, credential: null }, drawKey);
  const write = { method: "POST", path: "/api/v1/checkin/scan", body: { link_token: ticket } } as const;
  const answer = await carryOut({ ...write, credential: null }, keys.scan.keyFor(write), undefined, onRetry);
  if (answer.visit_id === undefined || answer.visit_token === undefined) {
    throw new ApiError({ kind: "timeout" });
  }
  return { visitId: answer.visit_id, visitToken: answer.visit_token };
}

/** Fills the intake in. Afterwards the visit has its token. */
export async function fill(
  scanned: Scanned,
  draft: Draft,
  language: string,
  onRetry?: OnRetry,
): Promise<void> {
  const path = `/api/v1/visits/${scanned.visitId}/intake`;
  const write = { method: "POST", path, body: intakeOf(draft, language) } as const;
  const key = keys.intake.keyFor(write);
  await carryOut({ ...write, credential: scanned.visitToken }, key, undefined, onRetry);
  forgetKeys();
}

/** Whether the scanned visit is no more to be filled: it expired while the form lay open. */
export function isOver(error: ApiError): boolean {
  return ["invalid_transition", "unknown_visit", "unauthenticated"].includes(error.code);
}
