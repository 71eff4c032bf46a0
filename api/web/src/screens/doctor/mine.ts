import type { QueueItem } from "../../hospital/useQueue";

/** Whom call-next would offer this doctor: the pool's and the own ones, in the order of calling. */
export function waitingFor(items: readonly QueueItem[], me: string): readonly QueueItem[] {
  return items.filter((item) => item.position !== undefined && (item.assigned_doctor_id ?? me) === me);
}

export interface InHand {
  current: QueueItem | null;
  /** Sent away for a while, by this doctor. */
  held: readonly QueueItem[];
}

/** Who is with this doctor: first whom the consultation is with, else who was called. */
export function inHand(items: readonly QueueItem[], me: string): InHand {
  const own = items.filter((item) => item.doctor_id === me);
  const current =
    own.find((item) => item.state === "IN_CONSULTATION") ?? own.find((item) => item.state === "CALLED");
  return { current: current ?? null, held: own.filter((item) => item.state === "ON_HOLD") };
}
