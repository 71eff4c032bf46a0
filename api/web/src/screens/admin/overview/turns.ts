/**
 * Which departments are followed now. Over HTTP/1.1 a browser opens six connections to a server at a time, and a
 * stream holds one for ever: then departments take turns, and each tells all about itself when it is its turn.
 */
import { useEffect, useState, useSyncExternalStore } from "react";

/** Streams at a time over HTTP/1.1, in the tab that is looked at: leaves room for what a person does meanwhile. */
const FEW = 4;
/** As many as one page follows where connections are shared. */
const MANY = 40;
const TURN_MS = 4_000;

function streamsAtOnce(): number {
  const [page] = performance.getEntriesByType("navigation");
  const protocol = page instanceof PerformanceNavigationTiming ? page.nextHopProtocol : "";
  return /^h[23]/.test(protocol) ? MANY : FEW;
}

/** Which of `count` have their turn, as a window that moves on by itself; all of them when they are few. */
export function inTurn(index: number, count: number, atOnce: number, turn: number): boolean {
  if (count <= atOnce) return true;
  const first = (turn * atOnce) % count;
  return (index - first + count) % count < atOnce;
}

function onVisibility(change: () => void): () => void {
  document.addEventListener("visibilitychange", change);
  return () => document.removeEventListener("visibilitychange", change);
}

/** Says of a department by its place in the list whether it is followed now. */
export function useTurns(count: number): (index: number) => boolean {
  const [atOnce] = useState(streamsAtOnce);
  const [turn, setTurn] = useState(0);
  const isScarce = atOnce === FEW;
  const isSeen = useSyncExternalStore(onVisibility, () => document.visibilityState === "visible");
  const isShared = count > atOnce;
  useEffect(() => {
    if (!isShared) return;
    const timer = setInterval(() => setTurn((now) => now + 1), TURN_MS);
    return () => clearInterval(timer);
  }, [isShared]);
  return (index) => (isSeen || !isScarce) && inTurn(index, count, atOnce, turn);
}
