import { beforeEach, expect, test, vi } from "vitest";

/** The browser's storage and database, as far as they are used. */
const stores = { local: new Map<string, string>(), session: new Map<string, string>() };
const database = new Map<string, unknown>();

vi.mock("idb-keyval", () => ({
  get: (name: string) => Promise.resolve(database.get(name)),
  update: (name: string, change: (known: unknown) => unknown) => {
    database.set(name, change(database.get(name)));
    return Promise.resolve();
  },
}));

function storageOf(store: Map<string, string>) {
  return {
    get length() {
      return store.size;
    },
    key: (at: number) => [...store.keys()][at] ?? null,
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, text: string) => store.set(name, text),
    removeItem: (name: string) => store.delete(name),
  };
}

/** The module as a page that was just opened has it. */
async function page() {
  vi.resetModules();
  const sealed = await import("./sealed");
  await sealed.unseal();
  return sealed;
}

beforeEach(() => {
  stores.local.clear();
  stores.session.clear();
  database.clear();
  vi.stubGlobal("localStorage", storageOf(stores.local));
  vi.stubGlobal("sessionStorage", storageOf(stores.session));
  vi.stubGlobal("addEventListener", () => undefined);
});

test("what was typed outlives the page and stands nowhere in clear", async () => {
  const first = await page();
  first.rememberSealed("local", "draft", { complaint: "chest pain" });
  expect(first.recallSealed("local", "draft")).toEqual({ complaint: "chest pain" });
  await first.sealed();
  expect([...stores.local.values()].join()).not.toMatch(/chest|complaint/);
  expect(stores.local.size).toBe(1);

  const second = await page();
  expect(second.recallSealed("local", "draft")).toEqual({ complaint: "chest pain" });
  expect(second.recallSealed("session", "draft")).toBeNull();
});

test("the last word counts, and what was forgotten stays forgotten", async () => {
  const first = await page();
  for (const text of ["a", "ab", "abc"]) first.rememberSealed("session", "draft", text);
  first.rememberSealed("session", "other", "x");
  first.forgetSealed("session", "other");
  await first.sealed();
  const second = await page();
  expect(second.recallSealed("session", "draft")).toBe("abc");
  expect(second.recallSealed("session", "other")).toBeNull();
});

test("what another key sealed, or was moved to another name, is thrown away", async () => {
  const first = await page();
  first.rememberSealed("local", "draft", "mine");
  await first.sealed();
  const [[name, text]] = [...stores.local] as [[string, string]];
  stores.local.set(name.replace("draft", "visit"), text);
  const second = await page();
  expect(second.recallSealed("local", "visit")).toBeNull();
  expect(second.recallSealed("local", "draft")).toBe("mine");
  database.clear();
  const third = await page();
  expect(third.recallSealed("local", "draft")).toBeNull();
  expect(stores.local.size).toBe(0);
});

test("without a key things are remembered as long as the page lives", async () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const first = await page();
  first.rememberSealed("local", "draft", "mine");
  await first.sealed();
  expect(first.recallSealed("local", "draft")).toBe("mine");
  expect(stores.local.size).toBe(0);
  vi.unstubAllGlobals();
});
