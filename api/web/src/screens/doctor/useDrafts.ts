import { useState } from "react";
import { forgetSealed, recallSealed, rememberSealed } from "../../intent/sealed";

/** What a doctor has written and not yet sent. */
export interface Draft {
  token: string;
  notes: string;
  prescription: string;
}

export type Drafts = Readonly<Record<string, Draft>>;

/** The drafts with one changed; one without words is none. */
export function withDraft(drafts: Drafts, visit: string, draft: Draft | null): Drafts {
  const others = Object.entries(drafts).filter(([id]) => id !== visit);
  const isEmpty = draft === null || (draft.notes.trim() === "" && draft.prescription.trim() === "");
  return Object.fromEntries(isEmpty ? others : [...others, [visit, draft]]);
}

/**
 * The drafts of this doctor by visit. They outlive a reload and whatever happens to the visit, and live in this tab
 * alone: what a doctor writes must not stay on a shared machine.
 */
export function useDrafts(me: string): [Drafts, (visit: string, draft: Draft | null) => void] {
  const name = `medique.drafts.${me}`;
  const [drafts, setDrafts] = useState<Drafts>(() => recallSealed<Drafts>("session", name) ?? {});
  function set(visit: string, draft: Draft | null): void {
    setDrafts((before) => {
      const next = withDraft(before, visit, draft);
      if (Object.keys(next).length === 0) forgetSealed("session", name);
      else rememberSealed("session", name, next);
      return next;
    });
  }
  return [drafts, set];
}
