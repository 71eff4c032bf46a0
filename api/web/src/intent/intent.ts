/**
 * One intent of a person as a write: sent with one idempotency key however often, until its outcome is known.
 *
 * The api promises that a command takes effect at most once per key, so every doubt is answered by repeating.
 */
import { ApiError, failureOf, problemOf } from "../api/problem";
import type { components } from "../api/schema";
import { accessToken, renew } from "../session/session";

export type CommandAnswer = components["schemas"]["CommandAnswer"];
type AcceptedAnswer = components["schemas"]["AcceptedAnswer"];

/** What is to be sent. */
export interface Write {
  method: "POST" | "PUT" | "DELETE";
  path: string;
  body: unknown;
  /** A credential other than the session's: the patient's. Null for what a link in the body authenticates. */
  credential?: string | null;
}

/** How long, and how patiently. */
export interface Patience {
  /** Seconds that the api may wait for the outcome before it answers `202`. */
  waitS: number;
  /** One attempt, milliseconds. */
  attemptMs: number;
  /** Everything together, milliseconds. */
  totalMs: number;
  /** First pause between attempts, milliseconds; doubles each time. */
  pauseMs: number;
}

export const PATIENCE: Patience = { waitS: 10, attemptMs: 15_000, totalMs: 45_000, pauseMs: 500 };

/** Told before each further attempt, so that the screen can say that it still tries. */
export type OnRetry = (attempt: number, error: ApiError) => void;

/**
 * Sends a command until it is decided.
 *
 * Throws an {@link ApiError}: the refusal, or what stood in the way when patience ended. After `network`,
 * `timeout` or a 503 the outcome is open, and the same key must be used for the next try of the same intent.
 */
export async function carryOut(
  write: Write,
  key: string,
  patience: Patience = PATIENCE,
  onRetry: OnRetry = () => undefined,
): Promise<CommandAnswer> {
  const until = Date.now() + patience.totalMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answered = await send(write, key, patience);
      return "status_url" in answered ? await outcome(answered, write, until) : answered;
    } catch (thrown) {
      const error = failureOf(thrown);
      const pause = pauseAfter(error, attempt, patience);
      if (!error.isTransient || Date.now() + pause > until) throw error;
      onRetry(attempt, error);
      await sleep(pause);
    }
  }
}

/** Doubled each time and spread by half, so that many who lost the same server do not come back at once. */
function pauseAfter(error: ApiError, attempt: number, patience: Patience): number {
  const said = error.failure.kind === "problem" ? error.failure.retryAfterS : null;
  if (said !== null) return Math.min(said * 1000, 10_000);
  return patience.pauseMs * 2 ** Math.min(attempt - 1, 4) * (0.75 + Math.random() / 2);
}

async function send(write: Write, key: string, patience: Patience): Promise<CommandAnswer | AcceptedAnswer> {
  const response = await authorised(write, (authorization) =>
    fetch(write.path, {
      method: write.method,
      headers: {
        "content-type": "application/json",
        "idempotency-key": key,
        prefer: `wait=${patience.waitS}`,
        ...authorization,
      },
      body: JSON.stringify(write.body),
      signal: AbortSignal.timeout(patience.attemptMs),
    }),
  );
  return (await read(response)) as CommandAnswer | AcceptedAnswer;
}

/** Asks what became of a command that was accepted but not decided in time. */
async function outcome(accepted: AcceptedAnswer, write: Write, until: number): Promise<CommandAnswer> {
  const credential = accepted.visit_token ?? write.credential;
  while (Date.now() < until) {
    await sleep(500);
    const response = await authorised(
      { ...write, ...(credential === undefined ? {} : { credential }) },
      (authorization) =>
        fetch(accepted.status_url, { headers: authorization, signal: AbortSignal.timeout(10_000) }),
    );
    const answered = (await read(response)) as CommandAnswer;
    if (answered.status === "applied") {
      const token = accepted.visit_token ?? answered.visit_token;
      return token === undefined ? answered : { ...answered, visit_token: token };
    }
    if (answered.problem !== undefined) {
      throw new ApiError({ kind: "problem", problem: answered.problem, retryAfterS: null });
    }
  }
  throw new ApiError({ kind: "timeout" });
}

/** Sends with the credential of the write, renewing the session's once when it is refused. */
async function authorised(
  write: Pick<Write, "credential">,
  request: (headers: Record<string, string>) => Promise<Response>,
): Promise<Response> {
  if (write.credential === null) return request({});
  if (write.credential !== undefined) return request({ authorization: `Bearer ${write.credential}` });
  const token = await accessToken();
  if (token === null) return request({});
  const response = await request({ authorization: `Bearer ${token}` });
  if (response.status !== 401) return response;
  const fresh = await renew(token);
  return fresh === null ? response : request({ authorization: `Bearer ${fresh}` });
}

/** The body; of an answer that has none an empty object, so that it is told from a failure. */
async function read(response: Response): Promise<unknown> {
  const body: unknown = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw problemOf(response, body);
  return body;
}

/** Sends a write that is no command: its answer is the outcome. It carries the key all the same. */
export async function request<T>(write: Write, key: string, attemptMs = PATIENCE.attemptMs): Promise<T> {
  try {
    const response = await authorised(write, (authorization) =>
      fetch(write.path, {
        method: write.method,
        headers: {
          "idempotency-key": key,
          ...(write.body === undefined ? {} : { "content-type": "application/json" }),
          ...authorization,
        },
        ...(write.body === undefined ? {} : { body: JSON.stringify(write.body) }),
        signal: AbortSignal.timeout(attemptMs),
      }),
    );
    return (await read(response)) as T;
  } catch (thrown) {
    throw failureOf(thrown);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
