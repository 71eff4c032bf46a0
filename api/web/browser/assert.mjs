export { deepStrictEqual as equal, ok } from "node:assert/strict";

/** Milliseconds until something holds; fails after `limit`. */
export async function within(limit, what, locator) {
  const started = performance.now();
  await locator
    .first()
    .waitFor({ timeout: limit })
    .catch(() => {
      throw new Error(`${what}: not within ${limit} ms`);
    });
  return Math.round(performance.now() - started);
}
