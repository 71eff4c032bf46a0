import type { QueueItem } from "../../hospital/useQueue";

/** What the desk can do with a visit; each is an operation of the api of nearly the same name. */
export type Action =
  "recall" | "no_show" | "unclaim" | "hold" | "resume" | "transfer" | "leave" | "cancel_visit" | "undo";

const BY_STATE: Readonly<Partial<Record<QueueItem["state"], readonly Action[]>>> = {
  SCANNED: ["cancel_visit"],
  WAITING: ["hold", "transfer", "leave", "cancel_visit"],
  URGENT: ["hold", "transfer", "leave", "cancel_visit"],
  CALLED: ["recall", "no_show", "unclaim", "transfer", "leave", "cancel_visit"],
  ON_HOLD: ["resume", "transfer", "leave", "cancel_visit"],
  IN_CONSULTATION: ["transfer", "leave"],
};

/** What the state allows. Undoing is always offered: the api knows whether there is something of one's own. */
export function actionsFor(item: QueueItem): readonly Action[] {
  return [...(BY_STATE[item.state] ?? []), "undo"];
}

const PATHS: Readonly<Record<Action, string>> = {
  recall: "recall",
  no_show: "no-show",
  unclaim: "unclaim",
  hold: "hold",
  resume: "resume",
  transfer: "transfer",
  leave: "leave",
  cancel_visit: "cancel",
  undo: "undo",
};

/** Those that end a visit, or lose a place: asked for once more, with a reason. */
export const GRAVE: readonly Action[] = ["cancel_visit", "leave", "no_show"];

/** An action as a write; a reason is left out when there is none. */
export function writeOf(item: QueueItem, action: Action, reason: string, more: object = {}) {
  const why = reason.trim() === "" ? {} : { reason: reason.trim() };
  const takesReason = !["recall", "resume", "undo"].includes(action);
  return {
    method: "POST",
    path: `/api/v1/visits/${item.visit_id}/${PATHS[action]}`,
    body: { expected_version: item.version, ...(takesReason ? why : {}), ...more },
  } as const;
}
