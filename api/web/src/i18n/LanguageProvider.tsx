import { createContext, use, useEffect, useState, useTransition, type ReactNode } from "react";
import { recall, remember } from "../intent/memory";
import { LANGUAGES, LANGUAGE_CODES, pick, type Language } from "./languages";

interface Chosen {
  language: Language;
  /** For `Intl`. */
  locale: string;
  choose: (language: Language) => void;
}

const NAME = "medique.language";

const Context = createContext<Chosen | null>(null);

export function useLanguage(): Chosen {
  const chosen = use(Context);
  if (chosen === null) throw new Error("no language provider");
  return chosen;
}

function first(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  const kept = recall<string>("local", NAME);
  return pick([asked, kept, ...navigator.languages].filter((tag) => tag !== null));
}

/** Keeps the language: the address's (`?lang=`), the one chosen before, or the browser's. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(first);
  const [, startTransition] = useTransition();
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = LANGUAGES[language].dir;
  }, [language]);
  function choose(next: Language): void {
    remember("local", NAME, next);
    // The old texts stay until the new ones are there.
    startTransition(() => setLanguage(next));
  }
  return <Context value={{ language, locale: LANGUAGES[language].format, choose }}>{children}</Context>;
}

export { LANGUAGE_CODES };
