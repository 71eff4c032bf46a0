import type { ReactNode } from "react";
import { LanguageChoice, ThemeChoice } from "../../ui/Preferences";
import "./identity.css";

/** The frame of the pages that people see before they are signed in. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main id="content" className="identity">
      <div className="identity-top">
        <span className="identity-brand">
          <img src={new URL("../../icon.svg", import.meta.url).href} alt="" width="32" height="32" />
          MediQue
        </span>
        <span className="row">
          <LanguageChoice />
          <ThemeChoice />
        </span>
      </div>
      <section className="card identity-card stack">
        <h1>{title}</h1>
        {children}
      </section>
    </main>
  );
}
