import { describe, expect, it } from "vitest";
import { SseParser } from "./sse";

const STREAM =
  'retry: 1500\n\n: heartbeat\n\nid: 7-9\nevent: visit_called\ndata: {"a":1}\n\nevent: degraded\ndata: {}\n\n';

function parse(pieces: readonly string[]) {
  const parser = new SseParser();
  const parsed = pieces.map((piece) => parser.feed(piece));
  return {
    events: parsed.flatMap((one) => one.events),
    retryMs: parsed.map((one) => one.retryMs).find((ms) => ms !== null),
  };
}

describe("the parser of live streams", () => {
  it("reads what the api writes", () => {
    const { events, retryMs } = parse([STREAM]);
    expect(retryMs).toBe(1500);
    expect(events).toEqual([
      { id: "7-9", name: "visit_called", data: '{"a":1}' },
      { id: null, name: "degraded", data: "{}" },
    ]);
  });

  it("reads the same in pieces of any size", () => {
    const whole = parse([STREAM]);
    for (let size = 1; size < 20; size += 1) {
      const pieces: string[] = [];
      for (let at = 0; at < STREAM.length; at += size) pieces.push(STREAM.slice(at, at + size));
      expect(parse(pieces)).toEqual(whole);
    }
  });

  it("takes every kind of line end, also one that is cut in two", () => {
    expect(
      parse(["data: a\r", "\n\r", "\ndata: b\r\rdata: c\n\n"]).events.map((event) => event.data),
    ).toEqual(["a", "b", "c"]);
  });

  it("gives nothing for an event without data or one that is cut off", () => {
    expect(parse(["event: x\n\n", "data: half"]).events).toEqual([]);
  });
});
