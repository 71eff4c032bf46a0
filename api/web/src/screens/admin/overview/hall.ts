/** A department as its live stream tells it, and what happened in it since somebody looked. Pure. */
import { Newest } from "../../../live/versions";
import type { ServerEvent } from "../../../live/sse";
import { quantile } from "../charts/scale";

/** A visit as events show it: no name, no complaint. */
export interface Place {
  visit_id: string;
  version: number;
  stage: number;
  token: string | null;
  state: string;
  department_id: string;
  level: number;
  queued_since: string;
  called_at: string | null;
  started_at: string | null;
}

export type HappeningKind = "arrived" | "called" | "finished";

/** Something that happened to a patient, once. */
export interface Happening {
  id: string;
  kind: HappeningKind;
  /** Milliseconds since 1970. */
  at: number;
  department: string;
  /** Minutes from joining the queue to the call; with `called`. */
  waitedMin?: number;
}

const LIVE = new Set(["SCANNED", "WAITING", "URGENT", "CALLED", "IN_CONSULTATION", "ON_HOLD"]);
const isPlace = (value: unknown): value is Place =>
  typeof value === "object" && value !== null && "visit_id" in value && "queued_since" in value;

/** One department: its live visits, each in its newest version. */
export class Hall {
  private readonly newest = new Newest<Place>();
  /** Whether there are more live visits than the stream shows. */
  isTruncated = false;

  constructor(readonly department: string) {}

  places(): Place[] {
    return [...this.newest.all().values()];
  }

  /** Takes an event in, and says what happened by it. Events may come twice. */
  take(event: ServerEvent): Happening[] {
    const data = parsed(event.data);
    if (event.name === "snapshot" || event.name === "resync") return this.takeAll(data);
    if (!isPlace(data)) return [];
    const isHere = data.department_id === this.department && LIVE.has(data.state);
    const isNews = isHere ? this.newest.put(data) : this.newest.remove(data);
    return isNews ? happenings(event.name, data, this.department) : [];
  }

  private takeAll(data: unknown): Happening[] {
    if (typeof data !== "object" || data === null || !("visits" in data) || !Array.isArray(data.visits))
      return [];
    const places = data.visits.filter(isPlace);
    this.isTruncated = "truncated" in data && data.truncated === true;
    this.newest.replace(places);
    return places.flatMap((place) => past(place, this.department));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function happenings(name: string, place: Place, department: string): Happening[] {
  if (place.department_id !== department) return [];
  const stage = `${place.visit_id} ${place.stage}`;
  if (name === "visit_completed") {
    return [
      ...past(place, department),
      { id: `${stage} finished`, kind: "finished", at: Date.now(), department },
    ];
  }
  return past(place, department);
}

/** What the times of a visit tell of its past in this department. */
function past(place: Place, department: string): Happening[] {
  if (place.token === null) return [];
  const stage = `${place.visit_id} ${place.stage}`;
  const queued = Date.parse(place.queued_since);
  const told: Happening[] = [{ id: `${stage} arrived`, kind: "arrived", at: queued, department }];
  if (place.called_at !== null) {
    const at = Date.parse(place.called_at);
    told.push({
      id: `${stage} called`,
      kind: "called",
      at,
      department,
      waitedMin: Math.max(0, (at - queued) / 60_000),
    });
  }
  return told;
}

/** A department at a glance. */
export interface Glance {
  waiting: number;
  /** Waiting of level 1 to 5. */
  levels: readonly number[];
  /** Longest wait of level 1 to 5, minutes. */
  longest: readonly number[];
  /** Longest wait of all, minutes. */
  longestMin: number;
  called: number;
  inConsultation: number;
  onHold: number;
  /** Waiting for longer than the target of their level. */
  pastTarget: number;
  /** The greatest share of a target that is used up; null when nobody waits for one. */
  worst: { level: number; waitedMin: number; targetMin: number } | null;
}

/** Sums up; `targets` are the minutes of level 1 to 5. */
export function glance(places: readonly Place[], targets: readonly number[], now: number): Glance {
  const levels = [0, 0, 0, 0, 0];
  const longest = [0, 0, 0, 0, 0];
  const count = { CALLED: 0, IN_CONSULTATION: 0, ON_HOLD: 0 };
  let pastTarget = 0;
  for (const place of places) {
    if (place.state in count) count[place.state as keyof typeof count] += 1;
    if (place.state !== "WAITING" && place.state !== "URGENT") continue;
    const at = Math.min(5, Math.max(1, place.level)) - 1;
    const waited = Math.max(0, (now - Date.parse(place.queued_since)) / 60_000);
    levels[at] = (levels[at] ?? 0) + 1;
    longest[at] = Math.max(longest[at] ?? 0, waited);
    if (waited > (targets[at] ?? Infinity)) pastTarget += 1;
  }
  return {
    waiting: levels.reduce((sum, one) => sum + one, 0),
    levels,
    longest,
    longestMin: Math.max(...longest),
    called: count.CALLED,
    inConsultation: count.IN_CONSULTATION,
    onHold: count.ON_HOLD,
    pastTarget,
    worst: worstOf(levels, longest, targets),
  };
}

function worstOf(
  levels: readonly number[],
  longest: readonly number[],
  targets: readonly number[],
): Glance["worst"] {
  let worst: Glance["worst"] = null;
  let worstShare = -1;
  levels.forEach((count, at) => {
    if (count === 0) return;
    const waitedMin = longest[at] ?? 0;
    const targetMin = targets[at] ?? 0;
    const share = targetMin === 0 ? Infinity : waitedMin / targetMin;
    if (share <= worstShare) return;
    worstShare = share;
    worst = { level: at + 1, waitedMin, targetMin };
  });
  return worst;
}

/** What happened in one stretch of time. */
export interface Stretch {
  /** Its beginning, milliseconds since 1970. */
  from: number;
  arrived: number;
  called: number;
  finished: number;
  /** Half of those who were called waited at most this long, minutes; null of nobody. */
  waitP50: number | null;
  /** The longest of these waits, minutes. */
  waitMax: number | null;
}

/** Happenings in `count` stretches of `lengthMs` up to now. */
export function stretches(all: Iterable<Happening>, now: number, lengthMs: number, count: number): Stretch[] {
  const last = Math.floor(now / lengthMs) * lengthMs;
  const first = last - (count - 1) * lengthMs;
  const waits: number[][] = Array.from({ length: count }, () => []);
  const found = waits.map((_, index) => ({
    from: first + index * lengthMs,
    arrived: 0,
    called: 0,
    finished: 0,
  }));
  for (const one of all) {
    const at = Math.floor((one.at - first) / lengthMs);
    const stretch = found[at];
    if (stretch === undefined) continue;
    stretch[one.kind] += 1;
    if (one.waitedMin !== undefined) waits[at]?.push(one.waitedMin);
  }
  return found.map((one, index) => {
    const waited = waits[index] ?? [];
    return {
      ...one,
      waitP50: quantile(waited, 0.5),
      waitMax: waited.length === 0 ? null : Math.max(...waited),
    };
  });
}
