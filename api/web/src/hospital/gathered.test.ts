import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gathered } from "./gathered";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function worker(tookMs: number, gapMs: number) {
  const began: number[] = [];
  let running = 0;
  let most = 0;
  const start = Date.now();
  const gathered = new Gathered(
    async () => {
      began.push(Date.now() - start);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      running -= 1;
    },
    () => gapMs,
  );
  return { gathered, began, most: () => most };
}

describe("gathered work", () => {
  it("is done at once, and once more for a burst", async () => {
    const { gathered, began } = worker(10, 1_000);
    for (let press = 0; press < 50; press += 1) gathered.want();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(began).toEqual([0, 1_000]);
  });

  it("is never done twice at the same time, and not forgotten while it is done", async () => {
    const { gathered, began, most } = worker(3_000, 1_000);
    gathered.want();
    await vi.advanceTimersByTimeAsync(1_500);
    gathered.want();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(began).toHaveLength(2);
    expect(began[1]).toBeGreaterThanOrEqual(3_000);
    expect(most()).toBe(1);
  });

  it("does not wait for what is due later when it is wanted now", async () => {
    const { gathered, began } = worker(10, 100);
    gathered.want();
    gathered.wantIn(5_000);
    await vi.advanceTimersByTimeAsync(1_000);
    gathered.want();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(began).toEqual([0, 1_000, 5_000]);
  });

  it("goes on after work that failed, and ends when it is closed", async () => {
    let times = 0;
    const gathered = new Gathered(
      () => {
        times += 1;
        return Promise.reject(new Error("away"));
      },
      () => 100,
    );
    gathered.want();
    gathered.want();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(times).toBe(2);
    gathered.wantIn(10);
    gathered.close();
    gathered.want();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(times).toBe(2);
  });
});
