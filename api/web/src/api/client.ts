import createClient from "openapi-fetch";
import { accessToken, renew } from "../session/session";
import { failureOf, problemOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** No read takes longer: who waits for more wants to be told. */
const READ_TIMEOUT_MS = 15_000;

const client = createClient<paths>({ fetch: withCredential });

/** Typed operations of the api. Answers go through {@link answer}. */
export const api = client;

/**
 * Sends a request with the session's access token, unless it carries a credential of its own; renews the token
 * once when the api does not take it any more.
 */
async function withCredential(request: Request): Promise<Response> {
  if (request.headers.has("authorization")) return fetch(request, timeLimit(request));
  const again = request.clone();
  const token = await accessToken();
  if (token === null) return fetch(request, timeLimit(request));
  request.headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(request, timeLimit(request));
  if (response.status !== 401) return response;
  const fresh = await renew(token);
  if (fresh === null) return response;
  again.headers.set("authorization", `Bearer ${fresh}`);
  return fetch(again, timeLimit(again));
}

function timeLimit(request: Request): RequestInit {
  return { signal: AbortSignal.any([request.signal, AbortSignal.timeout(READ_TIMEOUT_MS)]) };
}

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws an {@link ApiError} otherwise. */
export async function answer<T>(request: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await request;
  } catch (thrown) {
    throw failureOf(thrown);
  }
  const { data, error, response } = answered;
  if (!response.ok) throw problemOf(response, error);
  // 204 has no data, and its operations no type of data.
  return data as T;
}

/** The header of a request that a patient's credential authenticates. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
