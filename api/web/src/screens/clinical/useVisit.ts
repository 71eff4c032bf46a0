import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import type { ApiError } from "../../api/problem";
import type { CommandAnswer } from "../../intent/intent";
import { useIntent } from "../../intent/useIntent";

export type Visit = Schemas["VisitView"];

/** A visit with all that the role may see. A newer `version`, as the queue tells it, makes it be read again. */
export function useVisit(id: string, version: number) {
  return useQuery({
    queryKey: ["visit", id, version],
    queryFn: () => answer(api.GET("/api/v1/visits/{visit_id}", { params: { path: { visit_id: id } } })),
    placeholderData: (before) => (before?.visit_id === id ? before : undefined),
  });
}

export interface VisitWrite {
  isPending: boolean;
  error: ApiError | null;
  /** The visit as it was when somebody else's change was in the way; null otherwise. */
  refused: Visit | null;
  run: (operation: string, body?: object) => Promise<CommandAnswer | null>;
  clear: () => void;
}

/** Commands on a visit, each for the version that is on the screen. `onSettled` reads again what may have changed. */
export function useVisitWrite(visit: Visit, onSettled: () => void): VisitWrite {
  const intent = useIntent();
  const [sentFor, setSentFor] = useState<Visit | null>(null);
  async function run(operation: string, body: object = {}): Promise<CommandAnswer | null> {
    setSentFor(visit);
    const answered = await intent.run({
      method: "POST",
      path: `/api/v1/visits/${visit.visit_id}/${operation}`,
      body: { ...body, expected_version: visit.version },
    });
    onSettled();
    return answered;
  }
  const isConflict = intent.error?.code === "version_conflict";
  return {
    isPending: intent.isPending,
    error: intent.error,
    refused: isConflict ? sentFor : null,
    run,
    clear: intent.clear,
  };
}
