import { useState } from "react";
import type { ApiError } from "../../api/problem";
import type { QueueItem } from "../../hospital/useQueue";
import type { Write } from "../../intent/intent";
import { useIntent } from "../../intent/useIntent";

export type Did = "did_call" | "did_start" | "did_complete" | "did_other";

/** What was done last, as long as it can be taken back. */
export interface LastDone {
  visitId: string;
  token: string;
  version: number;
  what: Did;
  at: number;
}

export interface Doing {
  isPending: boolean;
  error: ApiError | null;
  last: LastDone | null;
  /** Carries a write out; whether it was done. */
  run: (what: Did, write: Write) => Promise<boolean>;
  /** An operation on a visit, expecting the version that the doctor sees. */
  on: (item: QueueItem, operation: string, what: Did, body?: object) => Promise<boolean>;
  undo: () => Promise<void>;
}

/** One thing at a time, and a way back from the last one. */
export function useDoing(onDone: () => void): Doing {
  const intent = useIntent();
  const [last, setLast] = useState<LastDone | null>(null);

  async function run(what: Did, write: Write): Promise<boolean> {
    const answer = await intent.run(write);
    // Also after a refusal: somebody else was faster, and the queue shows what is.
    onDone();
    const visit = answer?.result?.visit;
    if (visit !== undefined) {
      setLast({
        visitId: visit.visit_id,
        token: visit.token ?? "",
        version: visit.version,
        what,
        at: Date.now(),
      });
    }
    return answer !== null;
  }

  const on = (item: QueueItem, operation: string, what: Did, body: object = {}) =>
    run(what, {
      method: "POST",
      path: `/api/v1/visits/${item.visit_id}/${operation}`,
      body: { expected_version: item.version, ...body },
    });

  async function undo(): Promise<void> {
    if (last === null) return;
    const path = `/api/v1/visits/${last.visitId}/undo`;
    await intent.run({ method: "POST", path, body: { expected_version: last.version } });
    setLast(null);
    onDone();
  }

  return { isPending: intent.isPending, error: intent.error, last, run, on, undo };
}
