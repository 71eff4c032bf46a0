/** A department's queue as it was read and as events have changed it since. Pure but for the reads it is given. */
import type { ServerEvent } from "../live/sse";
import { APART, changed, isTold, joined, LIVE, placed, type QueueItem, type Told } from "./told";

export type { QueueItem };

/** Part of a queue as the api gives it. */
export interface QueuePage {
  items: QueueItem[];
  waiting: number;
  next_cursor?: string;
}

/** Reads a page: the states asked for, and where to go on. */
export type ReadPage = (states: string, cursor?: string) => Promise<QueuePage>;

/** The queue as a screen shows it. */
export interface QueueView {
  items: readonly QueueItem[];
  waiting: number;
}

/** Shortest pause between two reads of a long queue to its end, milliseconds. */
const WHOLE_EVERY_MS = 5_000;
/** Reading to the end takes at most one part in so many of the time. */
const WHOLE_SHARE = 5;
/** So long a long queue's tail may stand in the order of its last reading, milliseconds. */
const TAIL_OLD_MS = 60_000;

/**
 * A queue of one page is read anew as a whole. Of a longer one the head of the line and those who are in hand are,
 * and events change the rest; to its end it is read when somebody came whose name no page has shown yet, and now
 * and then for its order.
 */
export class QueueBook {
  private items: readonly QueueItem[] = [];
  private waiting = 0;
  private index: { of: readonly QueueItem[]; ids: ReadonlySet<string> } = { of: [], ids: new Set() };
  private readonly told = new Map<string, Told>();
  private wholeAt: number | null = null;
  private wholeTookMs = 0;
  private isTailUnknown = false;
  /** Whether there is more than a page. */
  isLong = false;

  constructor(
    private readonly department: string,
    private readonly readPage: ReadPage,
    private readonly now: () => number = Date.now,
  ) {}

  view(): QueueView {
    return { items: this.items, waiting: this.waiting };
  }

  /** Takes an event in; whether it changed what is shown. */
  take(event: ServerEvent): boolean {
    const data = parsed(event.data);
    if (event.name === "snapshot" || event.name === "resync") {
      this.takeAll(data);
      return false;
    }
    if (!isTold(data)) return false;
    this.learn(data);
    const before = this.items;
    this.items = this.asTold(before);
    return this.items !== before;
  }

  /** Reads what is to be read anew. */
  async read(): Promise<QueueView> {
    const began = this.now();
    const head = await this.readPage(LIVE.join());
    this.isLong = head.next_cursor !== undefined;
    if (!this.isLong || this.isWholeDue()) {
      const items = await this.rest(head);
      this.wholeAt = this.now();
      this.wholeTookMs = this.wholeAt - began;
      this.isTailUnknown = false;
      this.items = this.asTold(items);
    } else {
      const apart = await this.readPage(APART.join());
      this.items = this.asTold(joined(head.items, this.items, apart.items));
    }
    this.waiting = head.waiting;
    this.forget();
    return this.view();
  }

  /** Milliseconds until a long queue should be read to its end for a name that is missing; null when none is. */
  wholeDueIn(): number | null {
    if (this.wholeAt === null || !this.isLong || !this.isTailUnknown) return null;
    return Math.max(0, this.wholeAt + this.pause() - this.now());
  }

  private isWholeDue(): boolean {
    if (this.wholeAt === null) return true;
    const pause = this.isTailUnknown ? this.pause() : Math.max(TAIL_OLD_MS, this.pause());
    return this.now() >= this.wholeAt + pause;
  }

  private pause(): number {
    return Math.max(WHOLE_EVERY_MS, this.wholeTookMs * WHOLE_SHARE);
  }

  private async rest(head: QueuePage): Promise<QueueItem[]> {
    const items = [...head.items];
    let cursor = head.next_cursor;
    while (cursor !== undefined) {
      const page = await this.readPage(LIVE.join(), cursor);
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  }

  private learn(told: Told): void {
    const last = this.told.get(told.visit_id);
    if (last !== undefined && last.version >= told.version) return;
    this.told.set(told.visit_id, told);
    if (this.isHere(told) && !this.ids().has(told.visit_id)) this.isTailUnknown = true;
  }

  /** All live visits, as a stream begins with them or says after a gap. */
  private takeAll(data: unknown): void {
    if (typeof data !== "object" || data === null || !("visits" in data) || !Array.isArray(data.visits))
      return;
    const visits = data.visits.filter(isTold);
    for (const visit of visits) this.learn(visit);
    const there = new Set(visits.map((visit) => visit.visit_id));
    if (this.items.some((item) => !there.has(item.visit_id))) this.isTailUnknown = true;
  }

  private ids(): ReadonlySet<string> {
    if (this.index.of !== this.items)
      this.index = { of: this.items, ids: new Set(this.items.map((item) => item.visit_id)) };
    return this.index.ids;
  }

  private isHere(told: Told): boolean {
    return told.department_id === this.department && LIVE.includes(told.state);
  }

  /** The same list when events have nothing newer. */
  private asTold(items: readonly QueueItem[]): readonly QueueItem[] {
    const newerOf = (item: QueueItem): Told | null => {
      const told = this.told.get(item.visit_id);
      return told !== undefined && told.version > item.version ? told : null;
    };
    if (!items.some((item) => newerOf(item) !== null)) return items;
    const now = items.flatMap((item) => {
      const told = newerOf(item);
      if (told === null) return [item];
      return this.isHere(told) ? [changed(item, told)] : [];
    });
    return placed(now);
  }

  /** What was read says all that these events said. */
  private forget(): void {
    const versions = new Map(this.items.map((item) => [item.visit_id, item.version]));
    for (const [id, told] of this.told) {
      const read = versions.get(id);
      const isRead = read !== undefined && read >= told.version;
      const isGone = read === undefined && !this.isHere(told);
      // Of those who came and were not read yet, the name is still to come.
      if (isRead || (isGone && !this.isTailUnknown)) this.told.delete(id);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
