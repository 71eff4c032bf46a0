/** A server-sent event, as the WHATWG text has it. */
export interface ServerEvent {
  /** Position in the stream; null when the event has none. */
  id: string | null;
  name: string;
  data: string;
}

export interface Parsed {
  events: ServerEvent[];
  /** Pause that the server asks for before the next connection, milliseconds. */
  retryMs: number | null;
}

/** Takes a stream of server-sent events apart, in whatever pieces it arrives. */
export class SseParser {
  private rest = "";
  private id: string | null = null;
  private name = "";
  private data: string[] = [];

  feed(chunk: string): Parsed {
    const parsed: Parsed = { events: [], retryMs: null };
    const text = this.rest + chunk;
    // A carriage return at the end may be half of a line end.
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\r|\n/);
    this.rest = (lines.pop() ?? "") + text.slice(whole.length);
    for (const line of lines) this.line(line, parsed);
    return parsed;
  }

  private line(line: string, parsed: Parsed): void {
    if (line === "") {
      this.dispatch(parsed);
      return;
    }
    const colon = line.indexOf(":");
    // A comment: the heartbeat.
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.name = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) parsed.retryMs = Number(value);
  }

  private dispatch(parsed: Parsed): void {
    if (this.data.length > 0) {
      parsed.events.push({ id: this.id, name: this.name || "message", data: this.data.join("\n") });
    }
    this.id = null;
    this.name = "";
    this.data = [];
  }
}
