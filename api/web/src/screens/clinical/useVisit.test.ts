import { describe, expect, it } from "vitest";
import type { QueueItem } from "../../hospital/useQueue";
import { newest, type Visit } from "./useVisit";

const ITEM = {
  visit_id: "v",
  version: 5,
  state: "CALLED",
  level: 2,
  name: "Ada",
  token: "GM-1",
  arrived_at: "2026-03-01T10:00:00Z",
} as QueueItem;
const READ = {
  visit_id: "v",
  version: 4,
  state: "WAITING",
  level: 2,
  complaint: "cough",
  vitals: {},
} as Visit;

describe("a visit", () => {
  it("is what the queue says until it was read", () => {
    expect(newest(undefined, ITEM)).toMatchObject({ version: 5, state: "CALLED", patient: { name: "Ada" } });
  });

  it("is never older than the queue, and keeps what the queue does not tell", () => {
    expect(newest(READ, ITEM)).toMatchObject({ version: 5, state: "CALLED", complaint: "cough", vitals: {} });
  });

  it("is what was read when that is newer", () => {
    const newer = { ...READ, version: 6 };
    expect(newest(newer, ITEM)).toBe(newer);
  });
});
