import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import type { QueueItem } from "../../hospital/useQueue";
import type { ApiError } from "../../api/problem";
import type { CommandAnswer } from "../../intent/intent";
import { useIntent } from "../../intent/useIntent";

export type Visit = Schemas["VisitView"];

/**
 * A visit with all that the role may see. A newer version in the queue makes it be read again; until that is there,
 * what the queue says of it stands in front of what was read before.
 */
export function useVisit(item: QueueItem): { visit: Visit; isWhole: boolean; error: unknown } {
  const id = item.visit_id;
  const read = useQuery({
    queryKey: ["visit", id, item.version],
    queryFn: () => answer(api.GET("/api/v1/visits/{visit_id}", { params: { path: { visit_id: id } } })),
    placeholderData: (before) => (before?.visit_id === id ? before : undefined),
  });
  return { visit: newest(read.data, item), isWhole: read.data !== undefined, error: read.error };
}

/** What was read, unless the queue is ahead of it. */
export function newest(read: Visit | undefined, item: QueueItem): Visit {
  if (read !== undefined && read.version >= item.version) return read;
  const { name, visit_id, version, state, level, arrived_at, queued_since, recall_count, needs_review } =
    item;
  const before = read ?? {
    department_id: "",
    service_day: arrived_at.slice(0, 10),
    stage: 1,
    ...(name === undefined ? {} : { patient: { name } }),
  };
  const { token, complaint, called_at, started_at, room, room_id, doctor_id, assigned_doctor_id } = item;
  const maybe = { token, complaint, called_at, started_at, room, room_id, doctor_id, assigned_doctor_id };
  const given = Object.fromEntries(Object.entries(maybe).filter(([, value]) => value !== undefined));
  return {
    ...before,
    visit_id,
    version,
    state,
    level,
    arrived_at,
    queued_since,
    recall_count,
    needs_review,
    ...given,
  };
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
