import { describe, expect, it } from "vitest";
import type { ServerEvent } from "../../live/sse";
import { BoardLines, called, waiting } from "./lines";

const NOW = Date.parse("2026-01-01T10:00:00Z");
const event = (name: string, data: object): ServerEvent => ({ id: null, name, data: JSON.stringify(data) });
const visit = (visit_id: string, version: number, state: string, room?: string) => ({
  visit_id,
  version,
  state,
  token: `GM-${visit_id}`,
  ...(room === undefined ? {} : { room }),
  occurred_at: "2026-01-01T09:59:58Z",
});
const snapshot = (...visits: object[]) => event("snapshot", { visits });

describe("a board", () => {
  it("announces a call once, however often it comes", () => {
    const board = new BoardLines();
    board.take(snapshot(visit("1", 1, "WAITING")), NOW);
    const call = event("visit_called", visit("1", 2, "CALLED", "R1"));
    expect(board.take(call, NOW)).toEqual([{ token: "GM-1", room: "R1" }]);
    expect(board.take(call, NOW)).toEqual([]);
    expect(board.take(event("visit_recalled", visit("1", 3, "CALLED", "R1")), NOW)).toHaveLength(1);
  });

  it("is silent about calls of before it was switched on, and of long ago", () => {
    const board = new BoardLines();
    expect(board.take(snapshot(visit("1", 2, "CALLED", "R1")), NOW)).toEqual([]);
    expect(board.take(event("visit_called", visit("2", 2, "CALLED")), NOW + 600_000)).toEqual([]);
    expect(called(board.lines())).toHaveLength(2);
  });

  it("announces who was called while it was away", () => {
    const board = new BoardLines();
    board.take(snapshot(visit("1", 1, "WAITING")), NOW);
    expect(board.take(snapshot(visit("1", 2, "CALLED", "R2")), NOW)).toEqual([{ token: "GM-1", room: "R2" }]);
  });

  it("shows the latest call first and the waiting by number", () => {
    const board = new BoardLines();
    board.take(snapshot(visit("3", 1, "CALLED"), visit("9", 1, "WAITING"), visit("2", 1, "WAITING")), NOW);
    board.take(event("visit_called", visit("5", 2, "CALLED")), NOW);
    expect(called(board.lines()).map((line) => line.token)).toEqual(["GM-5", "GM-3"]);
    expect(waiting(board.lines()).map((line) => line.token)).toEqual(["GM-2", "GM-9"]);
    board.take(event("visit_removed", visit("5", 3, "CALLED")), NOW);
    expect(called(board.lines())).toHaveLength(1);
  });
});
