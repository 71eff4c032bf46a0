import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, type LiveStatus } from "./connection";
import type { ServerEvent } from "./sse";

/** What the server answers, one entry per connection; the last one stays open. */
function server(...answers: (() => Response | Promise<Response>)[]) {
  const requests: Headers[] = [];
  let at = 0;
  vi.stubGlobal("fetch", (_url: string, init: RequestInit) => {
    requests.push(new Headers(init.headers));
    const answer = answers[Math.min(at, answers.length - 1)];
    at += 1;
    return Promise.resolve(answer?.() ?? Response.error());
  });
  return requests;
}

const stream = (text: string, end: boolean) => () =>
  new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        if (end) controller.close();
      },
    }),
  );

function listen(token: (stale: string | null) => Promise<string | null> = () => Promise.resolve("t")) {
  const events: ServerEvent[] = [];
  const states: LiveStatus["state"][] = [];
  const close = follow({
    url: "/events",
    token,
    onEvent: (event) => events.push(event),
    onStatus: (status) => {
      if (states.at(-1) !== status.state) states.push(status.state);
    },
  });
  return { events, states, close };
}

describe("a live connection", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("resumes after the last event that it saw, and says that it was away", async () => {
    const requests = server(
      stream("id: 1-5\nevent: snapshot\ndata: {}\n\n", true),
      stream("id: 1-6\nevent: visit_called\ndata: {}\n\n", false),
    );
    const { events, states, close } = listen();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(requests.map((headers) => headers.get("last-event-id"))).toEqual([null, "1-5"]);
    expect(requests[0]?.get("authorization")).toBe("Bearer t");
    expect(events.map((event) => event.name)).toEqual(["snapshot", "visit_called"]);
    expect(states).toEqual(["live", "offline", "live"]);
    close();
  });

  it("waits longer each time while there is no server, and never gives up", async () => {
    const requests = server(() => Promise.reject(new TypeError("no network")));
    const { states, close } = listen();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(states).toEqual(["offline"]);
    expect(requests.length).toBeGreaterThan(15);
    expect(requests.length).toBeLessThan(60);
    close();
  });

  it("notices a connection that died without a word", async () => {
    const requests = server(stream("event: snapshot\ndata: {}\n\n", false));
    const { close } = listen();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests.length).toBeGreaterThan(1);
    close();
  });

  it("gets another credential when one is refused, and says so when there is none", async () => {
    const requests = server(() => new Response(null, { status: 401 }));
    const asked: (string | null)[] = [];
    const { states, close } = listen((stale) => {
      asked.push(stale);
      return Promise.resolve(stale === null ? "old" : null);
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toEqual([null, "old"]);
    expect(requests.length).toBe(1);
    expect(states.at(-1)).toBe("refused");
    close();
  });

  it("says when the server warns that events may be late", async () => {
    server(stream("event: snapshot\ndata: {}\n\nevent: degraded\ndata: {}\n\n", false));
    const { states, close } = listen();
    await vi.advanceTimersByTimeAsync(100);
    expect(states.at(-1)).toBe("degraded");
    close();
  });

  it("comes back at once when only the credential ended", async () => {
    const requests = server(
      stream('event: closing\ndata: {"reason":"credential_expired"}\n\n', false),
      stream("event: snapshot\ndata: {}\n\n", false),
    );
    const { close } = listen();
    await vi.advanceTimersByTimeAsync(50);
    expect(requests.length).toBe(2);
    close();
  });
});
