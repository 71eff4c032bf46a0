import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

/** What went wrong with a request, in the three ways in which it can. */
export type Failure =
  /** No answer: the network is away, or the server is. */
  | { kind: "network" }
  /** No answer in time; the request may have taken effect. */
  | { kind: "timeout" }
  /** The api refused, and said why. */
  | { kind: "problem"; problem: Problem; retryAfterS: number | null };

/** The only error that the api's client throws. */
export class ApiError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind === "problem" ? failure.problem.code : failure.kind);
    this.name = "ApiError";
  }

  /** Stable code for programs; `network` and `timeout` where there was no answer. */
  get code(): string {
    return this.failure.kind === "problem" ? this.failure.problem.code : this.failure.kind;
  }

  get problem(): Problem | null {
    return this.failure.kind === "problem" ? this.failure.problem : null;
  }

  /** Whether the very same request may be sent again, as it had no effect or is safe to repeat. */
  get isTransient(): boolean {
    if (this.failure.kind !== "problem") return true;
    return [408, 429, 502, 503, 504].includes(this.failure.problem.status);
  }

  /** Complaint about a field, by its JSON pointer such as `/patient/name`. */
  field(pointer: string): string | null {
    return this.problem?.errors?.find((error) => error.pointer === pointer)?.detail ?? null;
  }
}

/** Makes an error of whatever a request threw. */
export function failureOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  return new ApiError({ kind: name === "TimeoutError" ? "timeout" : "network" });
}

/** Reads a refusal. A proxy in between may answer with what is no problem document. */
export function problemOf(response: Response, body: unknown): ApiError {
  const retryAfter = Number(response.headers.get("retry-after") ?? "");
  const problem: Problem = isProblem(body)
    ? body
    : {
        type: "about:blank",
        title: response.statusText,
        status: response.status,
        code: response.status >= 500 ? "not_ready" : "internal_error",
        detail: "",
        trace_id: response.headers.get("traceparent")?.split("-")[1] ?? "",
      };
  return new ApiError({ kind: "problem", problem, retryAfterS: retryAfter > 0 ? retryAfter : null });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "status" in body;
}
