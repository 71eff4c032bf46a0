import { describe, expect, it } from "vitest";
import type { ServerEvent } from "../../../live/sse";
import { glance, Hall, stretches, type Place } from "./hall";

const NOW = Date.parse("2026-03-10T10:00:00Z");
const TARGETS = [0, 10, 60, 120, 240];
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

function place(id: string, more: Partial<Place> = {}): Place {
  const usual = { version: 1, stage: 1, token: `GM-${id}`, state: "WAITING", department_id: "gm", level: 3 };
  return { visit_id: id, ...usual, queued_since: ago(20), called_at: null, started_at: null, ...more };
}

function event(name: string, data: unknown): ServerEvent {
  return { id: null, name, data: JSON.stringify(data) };
}

describe("a department's stream", () => {
  it("keeps the newest version of each visit, whatever comes twice or late", () => {
    const hall = new Hall("gm");
    hall.take(event("snapshot", { visits: [place("1"), place("2")], truncated: false }));
    hall.take(event("visit_called", place("1", { version: 2, state: "CALLED", called_at: ago(1) })));
    expect(hall.take(event("visit_checked_in", place("1")))).toEqual([]);
    expect(hall.places().map((one) => one.state)).toEqual(["CALLED", "WAITING"]);
  });

  it("lets go of who finished, and of who went to another department", () => {
    const hall = new Hall("gm");
    hall.take(event("snapshot", { visits: [place("1"), place("2"), place("3")] }));
    const done = hall.take(event("visit_completed", place("1", { version: 2, state: "COMPLETED" })));
    hall.take(event("visit_transferred", place("2", { version: 2, department_id: "ed" })));
    expect(hall.places().map((one) => one.visit_id)).toEqual(["3"]);
    expect(done.map((one) => one.kind)).toContain("finished");
  });

  it("begins anew with a resync, and survives what it does not understand", () => {
    const hall = new Hall("gm");
    hall.take(event("snapshot", { visits: [place("1")] }));
    hall.take(event("resync", { visits: [place("9")], truncated: true }));
    hall.take({ id: null, name: "visit_called", data: "{not json" });
    hall.take(event("doctor_availability_changed", { doctor_id: "d", version: 2 }));
    expect(hall.places().map((one) => one.visit_id)).toEqual(["9"]);
    expect(hall.isTruncated).toBe(true);
  });
});

describe("a glance", () => {
  it("counts who waits by level, and who waits for too long", () => {
    const found = glance(
      [
        place("1", { level: 2, queued_since: ago(12), state: "URGENT" }),
        place("2", { queued_since: ago(30) }),
        place("3", { level: 4, queued_since: ago(90) }),
        place("4", { state: "CALLED" }),
        place("5", { state: "IN_CONSULTATION" }),
        place("6", { state: "ON_HOLD" }),
        place("7", { state: "SCANNED", token: null }),
      ],
      TARGETS,
      NOW,
    );
    expect(found).toMatchObject({ waiting: 3, levels: [0, 1, 1, 1, 0], longestMin: 90, pastTarget: 1 });
    expect(found).toMatchObject({ called: 1, inConsultation: 1, onHold: 1 });
    expect(found.worst).toEqual({ level: 2, waitedMin: 12, targetMin: 10 });
  });

  it("is empty where nobody waits", () => {
    expect(glance([], TARGETS, NOW)).toMatchObject({ waiting: 0, longestMin: 0, worst: null });
  });
});

describe("what happened", () => {
  it("is counted in stretches of time, each thing once", () => {
    const hall = new Hall("gm");
    const known = new Map();
    const take = (one: ServerEvent) => hall.take(one).forEach((told) => known.set(told.id, told));
    const called = place("1", { version: 2, state: "CALLED", queued_since: ago(25), called_at: ago(5) });
    take(
      event("snapshot", {
        visits: [place("1", { queued_since: ago(25) }), place("2", { queued_since: ago(5) })],
      }),
    );
    take(event("visit_called", called));
    take(event("visit_recalled", { ...called, version: 3 }));
    const found = stretches(known.values(), NOW, 10 * 60_000, 4);
    expect(found.map((one) => one.arrived)).toEqual([1, 0, 1, 0]);
    expect(found.map((one) => one.called)).toEqual([0, 0, 1, 0]);
    expect(found[2]?.waitP50).toBe(20);
    expect(found[0]?.waitP50).toBeNull();
  });
});
