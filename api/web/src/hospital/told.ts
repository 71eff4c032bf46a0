/** A queue's items, and what events tell of the same visits. */
import type { Schemas } from "../api/client";

export type QueueItem = Schemas["QueueItem"];

/** A visit as events tell of it: no name, no complaint, no place in the line. */
export interface Told {
  visit_id: string;
  version: number;
  department_id: string;
  state: QueueItem["state"];
  level: number;
  front: boolean;
  queued_since: string;
  assigned_doctor_id: string | null;
  doctor_id: string | null;
  room_id: string | null;
  called_at: string | null;
  started_at: string | null;
  recall_count: number;
}

/** States of those who wait in the line, and of those who stand apart from it. */
export const LINE: readonly string[] = ["WAITING", "URGENT"];
export const APART: readonly string[] = ["SCANNED", "CALLED", "IN_CONSULTATION", "ON_HOLD"];
export const LIVE = [...LINE, ...APART];
/** The head of the line as it was read, behind it those known from before, then those in hand. */
export function joined(head: QueueItem[], known: readonly QueueItem[], apart: QueueItem[]): QueueItem[] {
  const read = new Set([...head, ...apart].map((item) => item.visit_id));
  const line = head.filter((item) => LINE.includes(item.state));
  const rest = known.filter((item) => !read.has(item.visit_id));
  const inHand = new Map(
    [...head.filter((item) => !LINE.includes(item.state)), ...apart].map((item) => [item.visit_id, item]),
  );
  return placed([...line, ...rest, ...inHand.values()]);
}

/** Those who wait first, numbered; the others behind them, as the api gives them. */
export function placed(items: readonly QueueItem[]): QueueItem[] {
  const waiting = items.filter((item) => LINE.includes(item.state));
  const others = items.filter((item) => !LINE.includes(item.state));
  return [
    ...waiting.map((item, index) => (item.position === index + 1 ? item : { ...item, position: index + 1 })),
    ...others,
  ];
}

/** The item as events have changed it. */
export function changed(item: QueueItem, told: Told): QueueItem {
  const waits = LINE.includes(told.state);
  return {
    visit_id: item.visit_id,
    arrived_at: item.arrived_at,
    needs_review: item.needs_review,
    target_minutes: item.target_minutes,
    ...some("token", item.token),
    ...some("name", item.name),
    ...some("complaint", item.complaint),
    ...some("assessed_at", item.assessed_at),
    version: told.version,
    state: told.state,
    level: told.level,
    front: told.front,
    queued_since: told.queued_since,
    recall_count: told.recall_count,
    ...some("assigned_doctor_id", told.assigned_doctor_id),
    ...some("doctor_id", told.doctor_id),
    ...some("room_id", told.room_id),
    ...some("called_at", told.called_at),
    ...some("started_at", told.started_at),
    // Events do not say how the room is called.
    ...some("room", told.room_id === item.room_id ? item.room : null),
    ...some("position", waits ? item.position : null),
    ...some("credit", waits ? item.credit : null),
    ...some("why", waits ? item.why : null),
  };
}

/** A field that is absent when there is nothing in it. */
function some<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/** Whether an event tells of a visit. */
export function isTold(value: unknown): value is Told {
  return (
    typeof value === "object" &&
    value !== null &&
    "visit_id" in value &&
    "version" in value &&
    "state" in value &&
    "queued_since" in value
  );
}
