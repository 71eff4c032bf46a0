import { useEffect, useRef, useState } from "react";
import type { LiveStatus } from "../../../live/connection";
import type { ServerEvent } from "../../../live/sse";
import { Hall, type Happening, type Place } from "./hall";

/** Happenings are kept for so long. */
export const HISTORY_MS = 3 * 3_600_000;
/** Bursts of events are drawn together. */
const DRAW_MS = 250;

/** What is known of a department; `status` is of its stream. */
export interface Known {
  places: readonly Place[];
  isTruncated: boolean;
  status: LiveStatus;
}

export interface Halls {
  known: ReadonlyMap<string, Known>;
  happenings: readonly Happening[];
  /** Milliseconds since 1970. */
  since: number;
  take: (department: string, event: ServerEvent) => void;
  say: (department: string, status: LiveStatus) => void;
}

/** Keeps what the streams of all departments tell, and draws it a few times a second at most. */
export function useHalls(): Halls {
  const halls = useRef(new Map<string, Hall>());
  const statuses = useRef(new Map<string, LiveStatus>());
  const told = useRef(new Map<string, Happening>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [drawn, setDrawn] = useState<Pick<Halls, "known" | "happenings">>({
    known: new Map(),
    happenings: [],
  });
  const [since] = useState(() => Date.now());
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );

  function draw(): void {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      const oldest = Date.now() - HISTORY_MS;
      for (const one of told.current.values()) if (one.at < oldest) told.current.delete(one.id);
      const known = [...halls.current].map(([id, hall]): [string, Known] => [
        id,
        {
          places: hall.places(),
          isTruncated: hall.isTruncated,
          status: statuses.current.get(id) ?? { state: "connecting", freshAt: null },
        },
      ]);
      setDrawn({ known: new Map(known), happenings: [...told.current.values()] });
    }, DRAW_MS);
  }

  return {
    ...drawn,
    since,
    take: (department, event) => {
      const hall = halls.current.get(department) ?? new Hall(department);
      halls.current.set(department, hall);
      for (const one of hall.take(event)) if (!told.current.has(one.id)) told.current.set(one.id, one);
      draw();
    },
    say: (department, status) => {
      const last = statuses.current.get(department);
      // A department between two turns is as fresh as it was.
      statuses.current.set(department, { ...status, freshAt: status.freshAt ?? last?.freshAt ?? null });
      draw();
    },
  };
}
