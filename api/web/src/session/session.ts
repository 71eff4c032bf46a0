/**
 * Who is signed in. The access token lives in memory alone; the refresh token is a cookie that no script can
 * read. A reload, or another tab, exchanges the cookie for a token of its own.
 */
import { ApiError, failureOf, problemOf } from "../api/problem";
import type { components } from "../api/schema";
import { claimsOf, type Claims } from "./claims";
import { randomKey } from "../intent/key";
import { forget, recall, remember } from "../intent/memory";

export type LoginAnswer = components["schemas"]["LoginAnswer"];
type SessionAnswer = components["schemas"]["SessionAnswer"];

export interface Session {
  /** `restoring` until the first exchange after a reload is answered. */
  status: "restoring" | "signed_out" | "signed_in";
  /** Present with `signed_in`. */
  who: { claims: Claims; name: string } | null;
  /** Whether a session was there and ended without the person's doing. */
  ended: boolean;
}

/** A token is renewed this long before it ends, milliseconds: longer than any request takes. */
const MARGIN_MS = 30_000;
const NAME = "medique.staff-name";
const EXCHANGE = "medique.refresh-key";
const CSRF_COOKIE = "__Host-medique-csrf";

let session: Session = { status: "restoring", who: null, ended: false };
let token: string | null = null;
let exchange: Promise<string | null> | null = null;
const listeners = new Set<() => void>();

export function current(): Session {
  return session;
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** Takes over what a sign-in gave. */
export function signedIn(answer: LoginAnswer): void {
  remember("local", NAME, answer.staff.name);
  adopt(answer.access_token);
}

function adopt(accessToken: string): void {
  const claims = claimsOf(accessToken);
  if (claims === null) return;
  token = accessToken;
  change({
    status: "signed_in",
    who: { claims, name: recall<string>("local", NAME) ?? "" },
    ended: false,
  });
}

/** Ends the session here and at the api. A session that cannot be ended there ends by itself. */
export async function signOut(): Promise<void> {
  const csrf = csrfToken();
  token = null;
  forget("local", NAME);
  change({ status: "signed_out", who: null, ended: false });
  if (csrf === null) return;
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  await fetch("/api/v1/auth/logout", { method: "POST", headers, body: "{}" }).catch(() => undefined);
}

/** A token that is good for a while yet; null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (session.status === "signed_out") return null;
  if (token !== null && !isEnding(token)) return token;
  return renew(token);
}

function isEnding(text: string): boolean {
  const claims = claimsOf(text);
  return claims === null || claims.exp * 1000 - Date.now() < MARGIN_MS;
}

/** Another token in place of `stale`. Callers at the same time share one exchange. */
export async function renew(stale: string | null): Promise<string | null> {
  if (token !== null && token !== stale && !isEnding(token)) return token;
  exchange ??= takingTurns(refresh).finally(() => {
    exchange = null;
  });
  return exchange;
}

/** Tabs share the cookie, which is good for one exchange each. */
function takingTurns<T>(work: () => Promise<T>): Promise<T> {
  // Without HTTPS there are no locks, and no cookie that would need them.
  if (!("locks" in navigator)) return work();
  return new Promise((resolve, reject) => {
    navigator.locks.request("medique-refresh", () => work().then(resolve, reject)).catch(reject);
  });
}

/**
 * Exchanges the cookie. The key is kept until an answer came: when it got lost, the repetition with the same key
 * gets the same next cookie instead of ending the session.
 */
async function refresh(): Promise<string | null> {
  const csrf = csrfToken();
  if (csrf === null) return ended();
  const key = recall<string>("local", EXCHANGE) ?? randomKey();
  remember("local", EXCHANGE, key);
  const headers = { "content-type": "application/json", "x-csrf-token": csrf, "idempotency-key": key };
  let response: Response;
  try {
    const signal = AbortSignal.timeout(15_000);
    response = await fetch("/api/v1/auth/refresh", { method: "POST", headers, body: "{}", signal });
  } catch (thrown) {
    throw failureOf(thrown);
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) {
    forget("local", EXCHANGE);
    adopt((body as SessionAnswer).access_token);
    return token;
  }
  const error = problemOf(response, body);
  if (error.isTransient) throw error;
  forget("local", EXCHANGE);
  return ended();
}

function ended(): null {
  const wasIn = session.status === "signed_in" || recall<string>("local", NAME) !== null;
  token = null;
  forget("local", NAME);
  change({ status: "signed_out", who: null, ended: wasIn });
  return null;
}

/** Finds out after a reload whether somebody is signed in. Tries until the api answers. */
export async function restore(pauseMs = 2_000): Promise<void> {
  if (csrfToken() === null) {
    ended();
    return;
  }
  for (;;) {
    try {
      await renew(null);
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function csrfToken(): string | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${CSRF_COOKIE}=`));
  return found?.slice(CSRF_COOKIE.length + 1) ?? null;
}
