import { beforeEach, expect, test, vi } from "vitest";

const store = new Map<string, string>();
const listeners = new Map<string, () => void>();

async function page() {
  vi.resetModules();
  return import("./use");
}

beforeEach(() => {
  store.clear();
  listeners.clear();
  vi.useFakeTimers({ now: 1_000_000_000 });
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, text: string) => store.set(name, text),
  });
  vi.stubGlobal("addEventListener", (name: string, work: () => void) => listeners.set(name, work));
});

test("a screen that nobody touches grows idle, in every tab", async () => {
  const one = await page();
  one.watchUse(() => undefined);
  listeners.get("keydown")?.();
  vi.advanceTimersByTime(1_500_000);
  expect(one.idleSeconds()).toBe(1_500);
  const other = await page();
  expect(other.idleSeconds()).toBe(1_500);
  other.noteUse();
  expect(one.idleSeconds()).toBe(0);
  vi.advanceTimersByTime(10 * 86_400_000);
  expect(one.idleSeconds()).toBe(86_400);
});

test("who comes back is told of at once, who goes on from time to time", async () => {
  const use = await page();
  const tell = vi.fn();
  use.wasTold(0);
  use.watchUse(tell);
  const touch = (afterMs: number) => {
    vi.advanceTimersByTime(afterMs);
    listeners.get("pointerdown")?.();
  };
  touch(60_000);
  touch(1_000);
  expect(tell).toHaveBeenCalledTimes(0);
  touch(240_000);
  expect(tell).toHaveBeenCalledTimes(1);
  touch(60_000);
  expect(tell).toHaveBeenCalledTimes(1);
  // what was told was old already
  use.wasTold(1_200);
  touch(10_000);
  expect(tell).toHaveBeenCalledTimes(2);
});
