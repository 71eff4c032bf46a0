import { useEffect, useEffectEvent, useRef, useState } from "react";

const SIGNS = ["pointerdown", "keydown", "input"] as const;

/** Seconds that are left until nobody is thought to be there; calls back at zero. Any touch begins anew. */
export function useIdle(seconds: number, onGone: () => void): number {
  const [left, setLeft] = useState(seconds);
  const touched = useRef(0);
  const gone = useEffectEvent(onGone);
  useEffect(() => {
    touched.current = Date.now();
    const touch = () => {
      touched.current = Date.now();
      setLeft(seconds);
    };
    for (const sign of SIGNS) window.addEventListener(sign, touch);
    const timer = setInterval(() => {
      const now = Math.max(0, seconds - Math.floor((Date.now() - touched.current) / 1000));
      setLeft(now);
      if (now === 0) gone();
    }, 1000);
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS) window.removeEventListener(sign, touch);
    };
  }, [seconds]);
  return left;
}
