import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answer, api, type Schemas } from "../api/client";
import type { LiveStatus } from "../live/connection";
import type { ServerEvent } from "../live/sse";
import { useLive } from "../live/useLive";

export type QueueItem = Schemas["QueueItem"];

export interface LiveQueue {
  items: readonly QueueItem[];
  waiting: number;
  isPending: boolean;
  error: unknown;
  status: LiveStatus;
  /** Reads again, when the caller knows of a change before its event comes. */
  refresh: () => void;
}

const LIVE_STATES = "SCANNED,WAITING,URGENT,CALLED,IN_CONSULTATION,ON_HOLD";
/** As many as the api gives on a page. */
const PAGE = 200;
/** A burst of events is one read, milliseconds. */
const GATHER_MS = 120;

/**
 * A department's live visits in the order of calling, with names. Events carry neither names nor order, so each one
 * makes the list be read again: at once, and for a burst of them once more behind it.
 */
export function useQueue(department: string | null, onEvent?: (event: ServerEvent) => void): LiveQueue {
  const client = useQueryClient();
  const key = ["queue", department];
  const queue = useQuery({
    queryKey: key,
    enabled: department !== null,
    queryFn: () => readAll(department ?? ""),
  });
  const refresh = useGathered(() => void client.invalidateQueries({ queryKey: key }));
  const status = useLive(department === null ? null : `/api/v1/departments/${department}/events`, (event) => {
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

async function readAll(department: string): Promise<{ items: QueueItem[]; waiting: number }> {
  const items: QueueItem[] = [];
  let cursor: string | undefined;
  for (;;) {
    const query = { state: LIVE_STATES, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const path = { department_id: department };
    const page = await answer(
      api.GET("/api/v1/departments/{department_id}/queue", { params: { path, query } }),
    );
    items.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === undefined) return { items, waiting: page.waiting };
  }
}

/** Calls at once, and once more after a while when it was wanted again meanwhile. */
function useGathered(work: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const isWanted = useRef(false);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  function call(): void {
    if (timer.current !== null) {
      isWanted.current = true;
      return;
    }
    work();
    timer.current = setTimeout(() => {
      timer.current = null;
      if (!isWanted.current) return;
      isWanted.current = false;
      call();
    }, GATHER_MS);
  }
  return call;
}
