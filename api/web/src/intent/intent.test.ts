import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/problem";
import { carryOut, PATIENCE, type Write } from "./intent";
import { IntentKeys } from "./keys";

const WRITE: Write = { method: "POST", path: "/api/v1/x", body: { a: 1 }, credential: "t" };
const APPLIED = { status: "applied", command_id: "c" };

function server(...answers: (() => Response | Promise<Response>)[]) {
  const keys: (string | null)[] = [];
  let at = 0;
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    keys.push(new Headers(init.headers).get("idempotency-key"));
    const answer = answers[Math.min(at, answers.length - 1)];
    at += 1;
    return Promise.resolve(answer?.() ?? Response.error());
  });
  return keys;
}

const json = (status: number, body: unknown) => () => Response.json(body, { status });
const problem = (status: number, code: string) =>
  json(status, { type: "", title: "", status, code, detail: "", trace_id: "" });
const cut = () => Promise.reject(new TypeError("failed to fetch"));

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.then(
    (value) => value,
    (error: unknown) => (error instanceof ApiError ? error.code : error),
  );
  await vi.advanceTimersByTimeAsync(PATIENCE.totalMs + 20_000);
  return settled;
}

describe("an intent", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is repeated with the same key until it has an outcome", async () => {
    const keys = server(cut, problem(503, "outcome_unknown"), json(200, APPLIED));
    expect(await outcomeOf(carryOut(WRITE, "k"))).toEqual(APPLIED);
    expect(keys).toEqual(["k", "k", "k"]);
  });

  it("is not repeated when it was refused", async () => {
    const keys = server(problem(409, "version_conflict"));
    expect(await outcomeOf(carryOut(WRITE, "k"))).toBe("version_conflict");
    expect(keys.length).toBe(1);
  });

  it("asks what became of a command that was not decided in time", async () => {
    server(
      json(202, { status: "accepted", command_id: "c", status_url: "/api/v1/commands/c", visit_token: "v" }),
      json(200, { status: "accepted", command_id: "c" }),
      json(200, APPLIED),
    );
    expect(await outcomeOf(carryOut(WRITE, "k"))).toEqual({ ...APPLIED, visit_token: "v" });
  });

  it("tells a refusal that came late", async () => {
    server(
      json(202, { status: "accepted", command_id: "c", status_url: "/api/v1/commands/c" }),
      json(200, { status: "rejected", problem: { code: "room_busy", status: 422 } }),
    );
    expect(await outcomeOf(carryOut(WRITE, "k"))).toBe("room_busy");
  });

  it("gives up at last and says why", async () => {
    server(cut);
    expect(await outcomeOf(carryOut(WRITE, "k"))).toBe("network");
  });
});

describe("keys", () => {
  it("stay with an intent, through a reload, until it is settled", () => {
    const first = new IntentKeys("test").keyFor(WRITE);
    const reloaded = new IntentKeys("test");
    expect(reloaded.keyFor(WRITE)).toBe(first);
    reloaded.settle();
    expect(new IntentKeys("test").keyFor(WRITE)).not.toBe(first);
  });

  it("say nothing of what was typed", () => {
    const kept: string[] = [];
    vi.stubGlobal("localStorage", {
      getItem: () => null,
      removeItem: () => undefined,
      setItem: (_name: string, value: string) => kept.push(value),
    });
    new IntentKeys("typed").keyFor({ patient: { name: "Ada Example" } });
    expect(kept.length).toBe(1);
    expect(kept.join()).not.toContain("Ada");
    vi.unstubAllGlobals();
  });

  it("are others for another write", () => {
    const keys = new IntentKeys();
    expect(keys.keyFor({ a: 1 })).not.toBe(keys.keyFor({ a: 2 }));
  });
});
