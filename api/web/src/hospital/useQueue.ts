import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { answer, api } from "../api/client";
import type { LiveStatus } from "../live/connection";
import type { ServerEvent } from "../live/sse";
import { useLive } from "../live/useLive";
import { Gathered } from "./gathered";
import { QueueBook, type QueueItem } from "./queueBook";

export type { QueueItem };

export interface LiveQueue {
  items: readonly QueueItem[];
  waiting: number;
  isPending: boolean;
  error: unknown;
  status: LiveStatus;
  /** Reads again, when the caller knows of a change before its event comes. */
  refresh: () => void;
}

/** As many as the api gives on a page. */
const PAGE = 200;
/** A burst of events is one read of a short queue, milliseconds. */
const GATHER_MS = 120;
/** A long queue is read again once in so many milliseconds. */
const GATHER_LONG_MS = 1_000;

/**
 * A department's live visits in the order of calling, with names. Events carry neither names nor order: what they
 * do say is shown at once, and each one makes the list be read again, a burst of them as one read.
 */
export function useQueue(department: string | null, onEvent?: (event: ServerEvent) => void): LiveQueue {
  const client = useQueryClient();
  const book = useMemo(() => bookOf(department), [department]);
  const key = ["queue", department];
  const queue = useQuery({ queryKey: key, enabled: department !== null, queryFn: () => book.read() });
  const reads = useRef<Gathered | null>(null);
  useEffect(() => {
    const gathered = new Gathered(
      async () => {
        // What is under way goes on: reading a long queue takes longer than the next event.
        const queryKey = ["queue", department];
        await client.invalidateQueries({ queryKey }, { cancelRefetch: false });
        const due = book.wholeDueIn();
        // What failed is read again when an event or a person asks for it.
        if (due !== null && client.getQueryState(queryKey)?.status === "success") gathered.wantIn(due);
      },
      () => (book.isLong ? GATHER_LONG_MS : GATHER_MS),
    );
    reads.current = gathered;
    return () => gathered.close();
  }, [client, department, book]);
  const refresh = () => reads.current?.want();
  const status = useLive(department === null ? null : `/api/v1/departments/${department}/events`, (event) => {
    if (book.take(event)) client.setQueryData(key, book.view());
    refresh();
    if (event.name.startsWith("doctor_"))
      void client.invalidateQueries({ queryKey: ["doctors", department] });
    if (event.name.startsWith("room_")) void client.invalidateQueries({ queryKey: ["rooms", department] });
    if (event.name.startsWith("department_")) void client.invalidateQueries({ queryKey: ["departments"] });
    onEvent?.(event);
  });
  return {
    items: queue.data?.items ?? [],
    waiting: queue.data?.waiting ?? 0,
    isPending: queue.isPending && department !== null,
    error: queue.error,
    status,
    refresh,
  };
}

function bookOf(department: string | null): QueueBook {
  const path = { department_id: department ?? "" };
  return new QueueBook(path.department_id, (state, cursor) => {
    const query = { state, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    return answer(api.GET("/api/v1/departments/{department_id}/queue", { params: { path, query } }));
  });
}
