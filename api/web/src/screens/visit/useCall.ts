import { useEffect, useRef } from "react";

/** Vibrates and notifies when `isCalled` becomes true while the page is open; says it once. */
export function useCall(isCalled: boolean, title: string, body: string): void {
  const said = useRef<boolean | null>(null);
  useEffect(() => {
    const before = said.current;
    said.current = isCalled;
    // A page that was opened by somebody who is called already need not shout.
    if (!isCalled || before !== false) return;
    if ("vibrate" in navigator) navigator.vibrate([400, 200, 400, 200, 800]);
    void notify(title, body);
  }, [isCalled, title, body]);
}

async function notify(title: string, body: string): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  try {
    new Notification(title, { body, tag: "medique-call", requireInteraction: true });
  } catch {
    // Android shows notifications of service workers only; vibration and the page itself remain.
    await Promise.resolve();
  }
}
