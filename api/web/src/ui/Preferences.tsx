import { useState } from "react";
import { useLanguage } from "../i18n/LanguageProvider";
import { LANGUAGES, LANGUAGE_CODES, type Language } from "../i18n/languages";
import { useTexts } from "../i18n/texts";
import { recall, remember } from "../intent/memory";
import { commonTexts } from "../texts/common";

/** Languages call themselves what their speakers do. */
export function LanguageChoice() {
  const t = useTexts(commonTexts);
  const { language, choose } = useLanguage();
  return (
    <select
      className="preference"
      aria-label={t("language")}
      value={language}
      onChange={(event) => choose(event.target.value as Language)}
    >
      {LANGUAGE_CODES.map((code) => (
        <option key={code} value={code} lang={code}>
          {LANGUAGES[code].name}
        </option>
      ))}
    </select>
  );
}

type Theme = "auto" | "light" | "dark";
const NAME = "medique.theme";

/** Shows the page in the theme that was chosen on this device. Called before anything is drawn. */
export function applyTheme(theme: Theme = recall<Theme>("local", NAME) ?? "auto"): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function ThemeChoice() {
  const t = useTexts(commonTexts);
  const [theme, setTheme] = useState(() => recall<Theme>("local", NAME) ?? "auto");
  function choose(next: Theme): void {
    remember("local", NAME, next);
    applyTheme(next);
    setTheme(next);
  }
  return (
    <select
      className="preference"
      aria-label={t("theme")}
      value={theme}
      onChange={(event) => choose(event.target.value as Theme)}
    >
      {(["auto", "light", "dark"] as const).map((value) => (
        <option key={value} value={value}>
          {t(`theme_${value}`)}
        </option>
      ))}
    </select>
  );
}
