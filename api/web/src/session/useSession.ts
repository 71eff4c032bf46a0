import { useSyncExternalStore } from "react";
import { current, subscribe, type Session } from "./session";

/** Who is signed in; renders again when that changes. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, current);
}
