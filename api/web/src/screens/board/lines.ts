import type { ServerEvent } from "../../live/sse";
import { Newest } from "../../live/versions";

/** A token as the board's stream tells of it. */
export interface Line {
  visit_id: string;
  version: number;
  token: string;
  state: "WAITING" | "CALLED" | "IN_CONSULTATION" | "ON_HOLD";
  room?: string;
  /** When the board learned of it, counted up: later calls stand above earlier ones. */
  order: number;
}

/** Somebody to be announced. */
export interface Call {
  token: string;
  room: string | null;
}

type Wire = Omit<Line, "order" | "token"> & { token: string | null; occurred_at?: string };

/** A call that is older than this when it arrives is shown, not shouted. */
const NEWS_MS = 60_000;

/** What the board of one department shows. */
export class BoardLines {
  private readonly newest = new Newest<Line>();
  private counter = 0;
  private hasBegun = false;

  lines(): readonly Line[] {
    return [...this.newest.all().values()];
  }

  /** Takes an event over; gives whom to announce. */
  take(event: ServerEvent, now: number): Call[] {
    if (event.name === "snapshot" || event.name === "resync") return this.replace(event.data);
    const wire = JSON.parse(event.data) as Wire;
    if (event.name === "visit_removed") {
      this.newest.remove(wire);
      return [];
    }
    const line = this.lineOf(wire, (this.counter += 1));
    if (line === null || !this.newest.put(line)) return [];
    const isFresh = now - new Date(wire.occurred_at ?? now).getTime() < NEWS_MS;
    const isCall = event.name === "visit_called" || event.name === "visit_recalled";
    return isCall && line.state === "CALLED" && isFresh ? [callOf(line)] : [];
  }

  /**
   * A snapshot lists the latest call first. Who was called while the board was away is announced; on the first
   * snapshot nobody is, as they were called before the board was switched on.
   */
  private replace(data: string): Call[] {
    const known = this.newest.all();
    const { visits } = JSON.parse(data) as { visits: Wire[] };
    const lines = visits.flatMap((wire, index) => {
      const line = this.lineOf(wire, this.counter + visits.length - index);
      return line === null ? [] : [line];
    });
    this.counter += visits.length;
    const missed = lines.filter(
      (line) => line.state === "CALLED" && known.get(line.visit_id)?.state !== "CALLED",
    );
    this.newest.replace(lines);
    const calls = this.hasBegun ? missed.map(callOf) : [];
    this.hasBegun = true;
    return calls;
  }

  private lineOf(wire: Wire, order: number): Line | null {
    if (wire.token === null) return null;
    const { visit_id, version, token, state, room } = wire;
    return { visit_id, version, token, state, order, ...(room === undefined ? {} : { room }) };
  }
}

function callOf(line: Line): Call {
  return { token: line.token, room: line.room ?? null };
}

/** Called ones, the latest first. */
export function called(lines: readonly Line[]): Line[] {
  return lines.filter((line) => line.state === "CALLED").sort((a, b) => b.order - a.order);
}

/** Waiting ones by their number, which says nothing of their turn. */
export function waiting(lines: readonly Line[]): Line[] {
  return lines.filter((line) => line.state === "WAITING").sort((a, b) => (a.token < b.token ? -1 : 1));
}
