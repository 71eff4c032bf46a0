import { useRef, useState } from "react";
import type { ApiError } from "../api/problem";
import { failureOf } from "../api/problem";
import { carryOut, request, type CommandAnswer, type Write } from "./intent";
import { IntentKeys } from "./keys";

export interface Intent<T> {
  /** Carries the write out; resolves with null when it failed, which `error` then tells. */
  run: (write: Write) => Promise<T | null>;
  /** As `run`, for writes that answer nothing: whether it was done. */
  succeeds: (write: Write) => Promise<boolean>;
  isPending: boolean;
  /** Attempts so far that got no answer, while it still tries. */
  attempts: number;
  error: ApiError | null;
  clear: () => void;
}

/**
 * A command of one button or form. `name` makes its key survive a reload. A second press while the first is under
 * way does nothing.
 */
export function useIntent(name: string | null = null): Intent<CommandAnswer> {
  return useWrite(name, (write, key, onRetry) => carryOut(write, key, undefined, onRetry));
}

/** A write that is no command, such as an invitation. */
export function useRequest<T>(name: string | null = null): Intent<T> {
  return useWrite(name, (write, key) => request<T>(write, key));
}

type Send<T> = (write: Write, key: string, onRetry: (attempt: number) => void) => Promise<T>;

function useWrite<T>(name: string | null, send: Send<T>): Intent<T> {
  const keys = useRef<IntentKeys | null>(null);
  const busy = useRef(false);
  const [state, setState] = useState<{ isPending: boolean; attempts: number; error: ApiError | null }>({
    isPending: false,
    attempts: 0,
    error: null,
  });

  async function attempt(write: Write): Promise<{ result: T } | null> {
    if (busy.current) return null;
    busy.current = true;
    keys.current ??= new IntentKeys(name);
    setState({ isPending: true, attempts: 0, error: null });
    try {
      const result = await send(write, keys.current.keyFor(write), (attempt) =>
        setState({ isPending: true, attempts: attempt, error: null }),
      );
      keys.current.settle();
      setState({ isPending: false, attempts: 0, error: null });
      return { result };
    } catch (thrown) {
      const error = failureOf(thrown);
      // A refusal is an outcome; after silence the next press repeats the same intent.
      if (!error.isTransient) keys.current.settle();
      setState({ isPending: false, attempts: 0, error });
      return null;
    } finally {
      busy.current = false;
    }
  }

  const run = async (write: Write) => (await attempt(write))?.result ?? null;
  const succeeds = async (write: Write) => (await attempt(write)) !== null;
  return { ...state, run, succeeds, clear: () => setState({ isPending: false, attempts: 0, error: null }) };
}
