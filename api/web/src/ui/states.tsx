import type { ReactNode } from "react";

/** Something is on its way. Without words: it is shown before any text is there. */
export function Loading() {
  return (
    <div className="centre" aria-busy="true">
      <span className="spinner" aria-hidden="true" />
      <span className="visually-hidden" role="status">
        MediQue…
      </span>
    </div>
  );
}

/** There is nothing, and why. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
