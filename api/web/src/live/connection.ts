/**
 * One live stream, kept for ever: connects, resumes by `Last-Event-ID`, notices silence, comes back with growing
 * pauses, and says all the while how fresh what it shows is.
 */
import { SseParser, type ServerEvent } from "./sse";

export type LiveState =
  /** No connection yet. */
  | "connecting"
  /** Events come as they happen. */
  | "live"
  /** Connected, but the server says that events may be late. */
  | "degraded"
  /** Cut off; what is shown is of `freshAt`. */
  | "offline"
  /** The credential is not taken: nothing more comes without another one. */
  | "refused";

export interface LiveStatus {
  state: LiveState;
  /** When the server was heard last, milliseconds since 1970; null before the first time. */
  freshAt: number | null;
}

export interface Options {
  url: string;
  /** A credential; null when there is none (any more). `stale` was refused and must not come again. */
  token: (stale: string | null) => Promise<string | null>;
  onEvent: (event: ServerEvent) => void;
  onStatus: (status: LiveStatus) => void;
}

/** The server sends a comment every 15 s; after more than two of them missing the connection is dead. */
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted so long was a good one: pauses begin anew. */
const SETTLED_MS = 10_000;

/** Opens the stream. The function that it gives closes it. */
export function follow(options: Options): () => void {
  const connection = new Connection(options);
  void connection.run();
  return () => connection.close();
}

class Connection {
  private lastId: string | null = null;
  private basePauseMs = FIRST_PAUSE_MS;
  private failures = 0;
  private heardAt: number | null = null;
  private state: LiveState = "connecting";
  private closed = false;
  private attempt: AbortController | null = null;
  private wake: (() => void) | null = null;
  private stale: string | null = null;

  constructor(private readonly options: Options) {
    if (typeof window === "undefined") return;
    window.addEventListener("online", this.hurry);
    window.addEventListener("offline", this.drop);
    window.addEventListener("pageshow", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  async run(): Promise<void> {
    while (!this.isClosed()) {
      const startedAt = Date.now();
      const pauseMs = await this.connect().catch(() => null);
      if (this.isClosed()) return;
      if (Date.now() - startedAt > SETTLED_MS) this.failures = 0;
      if (this.state !== "refused") this.say("offline");
      await this.rest(pauseMs ?? this.nextPause());
    }
  }

  close(): void {
    this.closed = true;
    this.attempt?.abort();
    this.wake?.();
    if (typeof window === "undefined") return;
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("offline", this.drop);
    window.removeEventListener("pageshow", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
  }

  private isClosed(): boolean {
    return this.closed;
  }

  /** Follows one connection to its end; gives the pause before the next one, or null for the usual. */
  private async connect(): Promise<number | null> {
    const token = await this.options.token(this.stale);
    if (token === null) {
      this.say("refused");
      return LONGEST_PAUSE_MS;
    }
    const attempt = new AbortController();
    this.attempt = attempt;
    const watchdog = setInterval(() => {
      if (Date.now() - this.aliveAt(startedAt) > SILENCE_MS) attempt.abort();
    }, 5_000);
    const startedAt = Date.now();
    try {
      const headers: Record<string, string> = {
        authorization: `Bearer ${token}`,
        accept: "text/event-stream",
      };
      if (this.lastId !== null) headers["last-event-id"] = this.lastId;
      const response = await fetch(this.options.url, { headers, signal: attempt.signal, cache: "no-store" });
      if (response.status === 401) {
        // Refused twice in a row is refused.
        const again = this.stale === null;
        this.stale = token;
        if (!again) this.say("refused");
        return again ? 0 : LONGEST_PAUSE_MS;
      }
      this.stale = null;
      if (response.status === 403 || response.status === 404) {
        this.say("refused");
        return LONGEST_PAUSE_MS;
      }
      if (!response.ok || response.body === null) return retryAfterMs(response);
      return await this.read(response.body, attempt.signal);
    } finally {
      clearInterval(watchdog);
      attempt.abort();
    }
  }

  private aliveAt(startedAt: number): number {
    return Math.max(this.heardAt ?? 0, startedAt);
  }

  private async read(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<number | null> {
    const parser = new SseParser();
    const reader = body
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .getReader();
    signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      const { events, retryMs } = parser.feed(value);
      if (retryMs !== null) this.basePauseMs = retryMs;
      for (const event of events) {
        const pauseMs = this.take(event);
        if (pauseMs !== null) return pauseMs;
      }
      this.heardAt = Date.now();
      this.say(this.state === "degraded" ? "degraded" : "live");
    }
  }

  /** Gives a pause when the event is the last one of this connection. */
  private take(event: ServerEvent): number | null {
    if (event.name === "degraded") this.state = "degraded";
    else if (event.name === "recovered") this.state = "live";
    else if (event.name === "closing") {
      // A credential that merely ended is renewed at once; a server that goes is given a moment.
      return event.data.includes("draining") ? this.basePauseMs * (0.5 + Math.random()) : 0;
    } else {
      if (event.id !== null) this.lastId = event.id;
      this.options.onEvent(event);
    }
    return null;
  }

  private nextPause(): number {
    this.failures += 1;
    const longest = Math.min(this.basePauseMs * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    return longest * (0.5 + Math.random() / 2);
  }

  private rest(ms: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).then(() => {
      this.wake = null;
    });
  }

  private say(state: LiveState): void {
    this.state = state;
    this.options.onStatus({ state, freshAt: this.heardAt });
  }

  /** The network is back, or the phone woke up: what slept too long is dead, and no pause is worth waiting. */
  private readonly hurry = (): void => {
    if (document.visibilityState === "hidden") return;
    const isSilent = this.heardAt !== null && Date.now() - this.heardAt > SILENCE_MS / 2;
    if (isSilent) this.attempt?.abort();
    this.failures = 0;
    this.wake?.();
  };

  private readonly drop = (): void => {
    this.attempt?.abort();
  };
}

function retryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? "");
  return seconds > 0 ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : null;
}
