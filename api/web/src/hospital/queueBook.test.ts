import { describe, expect, it } from "vitest";
import type { ServerEvent } from "../live/sse";
import { QueueBook, type QueueItem, type QueuePage } from "./queueBook";

const PAGE = 200;
const SINCE = "2026-01-01T08:00:00Z";

function person(number: number, more: Partial<QueueItem> = {}): QueueItem {
  return {
    visit_id: `v${number}`,
    version: 1,
    token: `GM-${number}`,
    state: "WAITING",
    name: `Patient ${number}`,
    level: 3,
    needs_review: false,
    front: false,
    arrived_at: SINCE,
    queued_since: SINCE,
    target_minutes: 60,
    recall_count: 0,
    ...more,
  };
}

/** An api with so many who wait; counts what it is asked. */
function hospital(count: number) {
  let people = Array.from({ length: count }, (_, index) => person(index + 1));
  const asked: string[] = [];
  let now = 1_000_000;
  const read = (states: string, cursor?: string): Promise<QueuePage> => {
    asked.push(cursor ?? "head");
    const wanted = states.split(",");
    const line = people.filter((one) => one.state === "WAITING" && wanted.includes("WAITING"));
    const apart = people.filter((one) => one.state !== "WAITING" && wanted.includes(one.state));
    const all = [...line.map((one, index) => ({ ...one, position: index + 1 })), ...apart];
    const from = Number(cursor ?? 0);
    const next = from + PAGE < all.length ? { next_cursor: String(from + PAGE) } : {};
    return Promise.resolve({ items: all.slice(from, from + PAGE), waiting: line.length, ...next });
  };
  const book = new QueueBook("gm", read, () => now);
  return {
    book,
    change: (number: number, more: Partial<QueueItem>) => {
      people = people.map((one) => (one.visit_id === `v${number}` ? { ...one, ...more } : one));
    },
    add: (one: QueueItem) => (people = [...people, one]),
    remove: (number: number) => (people = people.filter((one) => one.visit_id !== `v${number}`)),
    pass: (ms: number) => (now += ms),
    asked: () => asked.splice(0),
  };
}

function told(number: number, version: number, more: Record<string, unknown> = {}): ServerEvent {
  const visit = {
    ...{ visit_id: `v${number}`, version, department_id: "gm", state: "WAITING", level: 3, front: false },
    ...{ queued_since: SINCE, assigned_doctor_id: null, doctor_id: null, room_id: null },
    ...{ called_at: null, started_at: null, recall_count: 0 },
    ...more,
  };
  return { id: null, name: "visit_changed", data: JSON.stringify(visit) };
}

const find = (book: QueueBook, number: number) =>
  book.view().items.find((item) => item.visit_id === `v${number}`);

describe("a queue", () => {
  it("of one page is one request each time, in the order of the api", async () => {
    const { book, asked } = hospital(PAGE);
    await book.read();
    await book.read();
    expect(asked()).toEqual(["head", "head"]);
    expect(book.isLong).toBe(false);
    expect(book.wholeDueIn()).toBeNull();
    expect(book.view().waiting).toBe(PAGE);
  });

  it("of 10,000 is read to its end once, and then in two requests", async () => {
    const { book, asked } = hospital(10_000);
    await book.read();
    expect(asked()).toHaveLength(50);
    book.take(told(9_000, 2, { level: 2 }));
    await book.read();
    expect(asked()).toHaveLength(2);
    expect(book.view().items).toHaveLength(10_000);
    expect(find(book, 9_000)).toMatchObject({ version: 2, level: 2, name: "Patient 9000", position: 9_000 });
  });

  it("shows what an event says before anything is read", async () => {
    const { book, asked } = hospital(3);
    await book.read();
    asked();
    expect(book.take(told(1, 2, { state: "CALLED", doctor_id: "d", room_id: "r" }))).toBe(true);
    expect(find(book, 1)).toMatchObject({ state: "CALLED", doctor_id: "d", room_id: "r", version: 2 });
    expect(find(book, 1)).not.toHaveProperty("position");
    expect(find(book, 2)?.position).toBe(1);
    expect(book.take(told(2, 2, { department_id: "elsewhere" }))).toBe(true);
    expect(find(book, 2)).toBeUndefined();
    expect(asked()).toEqual([]);
  });

  it("drops what is not newer, from events and from pages", async () => {
    const { book, change } = hospital(2);
    change(1, { version: 3, level: 1 });
    await book.read();
    expect(book.take(told(1, 3, { level: 5 }))).toBe(false);
    expect(book.take(told(1, 2, { level: 5 }))).toBe(false);
    expect(find(book, 1)?.level).toBe(1);
    // A page that was read before the event was: the event stands until a page has caught up.
    book.take(told(1, 4, { state: "COMPLETED" }));
    await book.read();
    expect(find(book, 1)).toBeUndefined();
    change(1, { version: 5, level: 2 });
    await book.read();
    expect(find(book, 1)?.level).toBe(2);
  });

  it("takes those in hand and the head from the api, however long the line is", async () => {
    const { book, change, remove } = hospital(1_000);
    await book.read();
    change(1, { version: 2, state: "CALLED", room: "R1" });
    remove(2);
    book.take(told(1, 2, { state: "CALLED", room_id: "r" }));
    book.take(told(2, 2, { state: "LEFT" }));
    await book.read();
    expect(find(book, 1)).toMatchObject({ state: "CALLED", room: "R1" });
    expect(find(book, 2)).toBeUndefined();
    expect(book.view().items).toHaveLength(999);
    expect(
      book
        .view()
        .items.map((item) => item.position)
        .slice(0, 3),
    ).toEqual([1, 2, 3]);
    expect(new Set(book.view().items.map((item) => item.visit_id)).size).toBe(999);
  });

  it("is read to its end for a name that nobody has seen, but not with each event", async () => {
    const { book, add, asked, pass } = hospital(1_000);
    await book.read();
    asked();
    add(person(1_001));
    book.take(told(1_001, 1));
    await book.read();
    expect(asked()).toHaveLength(2);
    expect(find(book, 1_001)).toBeUndefined();
    const due = book.wholeDueIn() ?? 0;
    expect(due).toBeGreaterThan(0);
    pass(due);
    await book.read();
    expect(asked()).toHaveLength(6);
    expect(find(book, 1_001)?.name).toBe("Patient 1001");
    expect(book.wholeDueIn()).toBeNull();
  });

  it("is read to its end for its order now and then, and only when something happens", async () => {
    const { book, asked, pass } = hospital(1_000);
    await book.read();
    asked();
    pass(3_600_000);
    expect(book.wholeDueIn()).toBeNull();
    book.take(told(1, 2, { level: 2 }));
    await book.read();
    expect(asked()).toHaveLength(5);
  });

  it("that could not be read is not due by itself", async () => {
    const book = new QueueBook("gm", () => Promise.reject(new Error("away")));
    await expect(book.read()).rejects.toThrow("away");
    expect(book.wholeDueIn()).toBeNull();
  });

  it("is read to its end when a stream begins with others than are known", async () => {
    const { book } = hospital(1_000);
    await book.read();
    const visits = Array.from({ length: 999 }, (_, index) => JSON.parse(told(index + 1, 1).data) as unknown);
    book.take({ id: null, name: "resync", data: JSON.stringify({ visits }) });
    expect(book.wholeDueIn()).not.toBeNull();
  });
});
