import { describe, expect, it } from "vitest";
import type { QueueItem } from "../../hospital/useQueue";
import { inHand, waitingFor } from "./mine";

const item = (visit_id: string, more: Partial<QueueItem>) => ({ visit_id, ...more }) as QueueItem;

describe("a doctor's patients", () => {
  it("wait in the pool or for this doctor", () => {
    const items = [
      item("pool", { position: 1 }),
      item("mine", { position: 2, assigned_doctor_id: "me" }),
      item("other", { position: 3, assigned_doctor_id: "you" }),
      item("called", { state: "CALLED" }),
    ];
    expect(waitingFor(items, "me").map((one) => one.visit_id)).toEqual(["pool", "mine"]);
  });

  it("are in hand one at a time, the consultation first", () => {
    const items = [
      item("called", { doctor_id: "me", state: "CALLED" }),
      item("seen", { doctor_id: "me", state: "IN_CONSULTATION" }),
      item("away", { doctor_id: "me", state: "ON_HOLD" }),
      item("foreign", { doctor_id: "you", state: "IN_CONSULTATION" }),
    ];
    const hand = inHand(items, "me");
    expect(hand.current?.visit_id).toBe("seen");
    expect(hand.held.map((one) => one.visit_id)).toEqual(["away"]);
    expect(inHand([], "me").current).toBe(null);
  });
});
