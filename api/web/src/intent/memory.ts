/**
 * What outlives a reload. Browsers may refuse storage (private windows, full disks); then things are remembered
 * as long as the page lives, and nothing fails.
 */
export type Where = "local" | "session";

const fallback = new Map<string, string>();

function storage(where: Where): Storage | null {
  try {
    return where === "local" ? globalThis.localStorage : globalThis.sessionStorage;
  } catch {
    return null;
  }
}

export function remember(where: Where, name: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    const store = storage(where);
    if (store !== null) {
      store.setItem(name, text);
      return;
    }
  } catch {
    // full, or forbidden
  }
  fallback.set(name, text);
}

/** What was remembered; null when nothing was, or when it cannot be read. */
export function recall<T>(where: Where, name: string): T | null {
  const text = read(where, name);
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

function read(where: Where, name: string): string | null {
  try {
    return storage(where)?.getItem(name) ?? fallback.get(name) ?? null;
  } catch {
    return fallback.get(name) ?? null;
  }
}

export function forget(where: Where, name: string): void {
  fallback.delete(name);
  try {
    storage(where)?.removeItem(name);
  } catch {
    // forbidden: nothing was kept there
  }
}

/** The names in the browser's storage that begin so. */
export function namesOf(where: Where, prefix: string): string[] {
  try {
    const store = storage(where);
    const names = Array.from({ length: store?.length ?? 0 }, (_, at) => store?.key(at) ?? "");
    return names.filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Forgets what this tab alone remembers. */
export function clearTab(): void {
  fallback.clear();
  try {
    globalThis.sessionStorage.clear();
  } catch {
    // forbidden: nothing was kept there
  }
}
