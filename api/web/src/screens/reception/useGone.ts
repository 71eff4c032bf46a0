import { useState } from "react";
import { recall, remember } from "../../intent/memory";
import type { ServerEvent } from "../../live/sse";

/** A visit that ended in a way that can be taken back. */
export interface GoneVisit {
  visit_id: string;
  version: number;
  token: string;
  state: "NO_SHOW" | "LEFT" | "EXPIRED";
}

/** A visit as an event tells of it. */
interface Told {
  visit_id: string;
  version: number;
  token: string | null;
  state: string;
}

export interface GoneList {
  visits: readonly GoneVisit[];
  take: (event: ServerEvent) => void;
}

/** The list of the desk is no archive: the last ones are enough. */
const KEPT = 12;

/**
 * Who went away while this desk watched. The queue holds live visits only, and a patient who comes back stands at
 * the desk within minutes.
 */
export function useGone(department: string | null): GoneList {
  const name = `medique.gone.${department ?? ""}`;
  const [lists, setLists] = useState<Readonly<Record<string, readonly GoneVisit[]>>>({});
  const visits = lists[name] ?? recall<GoneVisit[]>("session", name) ?? [];

  function take(event: ServerEvent): void {
    if (!event.name.startsWith("visit_")) return;
    const visit = JSON.parse(event.data) as Told;
    const others = visits.filter((one) => one.visit_id !== visit.visit_id);
    const one = goneOf(visit);
    if (one === null && others.length === visits.length) return;
    const next = one === null ? others : [one, ...others].slice(0, KEPT);
    remember("session", name, next);
    setLists((now) => ({ ...now, [name]: next }));
  }

  return { visits, take };
}

function goneOf({ visit_id, version, token, state }: Told): GoneVisit | null {
  if (token === null || (state !== "NO_SHOW" && state !== "LEFT" && state !== "EXPIRED")) return null;
  return { visit_id, version, token, state };
}
