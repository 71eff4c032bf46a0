/**
 * Who is signed in. The access token lives in memory alone; the refresh token is a cookie that no script can
 * read. A reload, or another tab, exchanges the cookie for a token of its own.
 */
import { ApiError, failureOf, problemOf } from "../api/problem";
import type { components } from "../api/schema";
import { claimsOf, type Claims } from "./claims";
import { randomKey } from "../intent/key";
import { clearTab, forget, recall, remember } from "../intent/memory";
import { idleSeconds, noteUse, wasTold, watchUse } from "./use";

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
/** Set while a person wanted out and the api has not heard of it. */
const SIGNING_OUT = "medique.signing-out";
/** In the tab whose session ended, for the page that takes the place of the one that knew it. */
const ENDED = "medique.session-ended";
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
  forget("local", SIGNING_OUT);
  remember("local", NAME, answer.staff.name);
  noteUse();
  wasTold(0);
  adopt(answer.access_token);
}

function adopt(accessToken: string): void {
  const claims = claimsOf(accessToken);
  if (claims === null) return;
  token = accessToken;
  // A board is used by being looked at.
  if (claims.role === "DISPLAY") noteUse();
  change({
    status: "signed_in",
    who: { claims, name: recall<string>("local", NAME) ?? "" },
    ended: false,
  });
}

/**
 * Ends the session here and at the api. What this page has read goes with the page: another one takes its place.
 * While the api cannot be reached this page stays, empty, and the next one ends the session first.
 */
export async function signOut(): Promise<void> {
  token = null;
  remember("local", SIGNING_OUT, true);
  change({ status: "signed_out", who: null, ended: false });
  clearTab();
  if (await endThere()) location.replace("/sign-in");
}

/** Whether the api has heard that the session is over. */
async function endThere(): Promise<boolean> {
  const csrf = csrfToken();
  if (csrf !== null) {
    const headers = { "content-type": "application/json", "x-csrf-token": csrf };
    try {
      const signal = AbortSignal.timeout(5_000);
      const answer = await fetch("/api/v1/auth/logout", { method: "POST", headers, body: "{}", signal });
      if (problemOf(answer, null).isTransient) return false;
    } catch {
      return false;
    }
  }
  forget("local", SIGNING_OUT);
  // Other tabs hear of it by this.
  forget("local", NAME);
  return true;
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
  if (session.who?.claims.role === "DISPLAY") noteUse();
  const idle = idleSeconds();
  const request = JSON.stringify({ idle_s: idle });
  let response: Response;
  try {
    const signal = AbortSignal.timeout(15_000);
    response = await fetch("/api/v1/auth/refresh", { method: "POST", headers, body: request, signal });
  } catch (thrown) {
    throw failureOf(thrown);
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) {
    forget("local", EXCHANGE);
    wasTold(idle);
    adopt((body as SessionAnswer).access_token);
    return token;
  }
  const error = problemOf(response, body);
  if (error.isTransient) throw error;
  forget("local", EXCHANGE);
  return ended();
}

function ended(): null {
  const wasIn = session.status === "signed_in";
  const isTold =
    wasIn || recall<string>("local", NAME) !== null || recall<boolean>("session", ENDED) === true;
  const here = location.pathname + location.search;
  token = null;
  forget("local", NAME);
  change({ status: "signed_out", who: null, ended: isTold });
  if (wasIn) {
    remember("session", ENDED, true);
    location.replace(`/sign-in?back=${encodeURIComponent(here)}`);
  } else {
    forget("session", ENDED);
  }
  return null;
}

/** Finds out after a reload whether somebody is signed in. Tries until the api answers. */
export async function restore(pauseMs = 2_000): Promise<void> {
  watchUse(() => void renew(token).catch(() => undefined));
  // Signed out in another tab, or come back to with the browser's own button: nothing read before is shown.
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key === NAME && newValue === null && session.status === "signed_in") location.reload();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
  while (recall<boolean>("local", SIGNING_OUT) === true && !(await endThere())) await pause(pauseMs);
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
      await pause(pauseMs);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function csrfToken(): string | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${CSRF_COOKIE}=`));
  return found?.slice(CSRF_COOKIE.length + 1) ?? null;
}
