import { useState } from "react";
import type { ApiError } from "../../api/problem";
import type { CommandAnswer } from "../../intent/intent";
import { useIntent } from "../../intent/useIntent";
import type { Draft } from "./useDrafts";

export type Operation =
  | "call"
  | "start"
  | "recall"
  | "unclaim"
  | "no-show"
  | "hold"
  | "resume"
  | "transfer"
  | "complete"
  | "acuity";

/** What was done last, as long as it can be taken back. */
export interface LastDone {
  visitId: string;
  token: string;
  version: number;
  operation: Operation;
  at: number;
  /** What was sent with it, to be there again when it is taken back. */
  draft: Draft | null;
}

export interface Undo {
  last: LastDone | null;
  isPending: boolean;
  error: ApiError | null;
  did: (operation: Operation, answer: CommandAnswer | null, draft?: Draft | null) => void;
  undo: () => Promise<void>;
}

/** A way back from the last thing that was done. */
export function useUndo(onSettled: () => void, onDraft: (visit: string, draft: Draft) => void): Undo {
  const intent = useIntent();
  const [last, setLast] = useState<LastDone | null>(null);

  function did(operation: Operation, answer: CommandAnswer | null, draft: Draft | null = null): void {
    const visit = answer?.result?.visit;
    if (visit === undefined) return;
    const { visit_id: visitId, version, token = "" } = visit;
    intent.clear();
    setLast({ visitId, token, version, operation, at: Date.now(), draft });
  }

  async function undo(): Promise<void> {
    if (last === null) return;
    const path = `/api/v1/visits/${last.visitId}/undo`;
    const answered = await intent.run({ method: "POST", path, body: { expected_version: last.version } });
    if (answered !== null && last.draft !== null) onDraft(last.visitId, last.draft);
    // After silence it may be tried again; a refusal stays one.
    if (answered !== null) setLast(null);
    onSettled();
  }

  return { last, isPending: intent.isPending, error: intent.error, did, undo };
}
