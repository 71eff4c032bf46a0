import type { ReactNode } from "react";
import { Link } from "wouter";
import { LanguageChoice, ThemeChoice } from "../../ui/Preferences";
import "./signin.css";

/** A small page of its own, for whoever is not in yet. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="signin">
      <header className="row spread">
        <Link href="/" className="signin-brand">
          MediQue
        </Link>
        <span className="row">
          <LanguageChoice />
          <ThemeChoice />
        </span>
      </header>
      <main id="content" className="card stack">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}
