/**
 * Which departments are followed now. Over HTTP/1.1 a browser opens six connections to a server at a time, and a
 * stream holds one for ever: then departments take turns, and each tells all about itself when it is its turn.
 */
import { useEffect, useState } from "react";

/** Streams at a time over HTTP/1.1: leaves room for what a person does meanwhile, also in another tab. */
const FEW = 3;
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

/** Says of a department by its place in the list whether it is followed now. */
export function useTurns(count: number): (index: number) => boolean {
  const [atOnce] = useState(streamsAtOnce);
  const [turn, setTurn] = useState(0);
  const isShared = count > atOnce;
  useEffect(() => {
    if (!isShared) return;
    const timer = setInterval(() => setTurn((now) => now + 1), TURN_MS);
    return () => clearInterval(timer);
  }, [isShared]);
  return (index) => inTurn(index, count, atOnce, turn);
}
