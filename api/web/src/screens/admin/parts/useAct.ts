import { useRef, useState } from "react";
import { failureOf, type ApiError } from "../../../api/problem";
import { request, type Write } from "../../../intent/intent";
import { IntentKeys } from "../../../intent/keys";

/** A write that is no command, and may have no answer of its own. */
export interface Act<T> {
  /** Carries it out; null when it failed, which `error` then tells. */
  run: (write: Write) => Promise<{ value: T } | null>;
  isPending: boolean;
  error: ApiError | null;
  clear: () => void;
}

const IDLE = { isPending: false, error: null };

/** Like `useRequest`, but tells success without an answer (204) from failure. */
export function useAct<T = null>(): Act<T> {
  const keys = useRef<IntentKeys | null>(null);
  const isBusy = useRef(false);
  const [state, setState] = useState<{ isPending: boolean; error: ApiError | null }>(IDLE);

  async function run(write: Write): Promise<{ value: T } | null> {
    if (isBusy.current) return null;
    isBusy.current = true;
    keys.current ??= new IntentKeys();
    setState({ isPending: true, error: null });
    try {
      const value = await request<T>(write, keys.current.keyFor(write));
      keys.current.settle();
      setState(IDLE);
      return { value };
    } catch (thrown) {
      const error = failureOf(thrown);
      if (!error.isTransient) keys.current.settle();
      setState({ isPending: false, error });
      return null;
    } finally {
      isBusy.current = false;
    }
  }

  return { ...state, run, clear: () => setState(IDLE) };
}
