/** The languages of the screens, as their speakers call them. */
export const LANGUAGES = {
  en: { name: "English", dir: "ltr", speech: "en-GB", format: "en-GB" },
  es: { name: "Español", dir: "ltr", speech: "es-ES", format: "es" },
  fr: { name: "Français", dir: "ltr", speech: "fr-FR", format: "fr" },
  // Tokens and rooms are written with Latin digits on every sign of the house: so are numbers here.
  ar: { name: "العربية", dir: "rtl", speech: "ar-SA", format: "ar-u-nu-latn" },
  hi: { name: "हिन्दी", dir: "ltr", speech: "hi-IN", format: "hi-u-nu-latn" },
} as const;

export type Language = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as Language[];

/** The first language that we have of those that a browser asks for. */
export function pick(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split("-")[0] ?? "";
    const found = LANGUAGE_CODES.find((language) => language === code);
    if (found !== undefined) return found;
  }
  return "en";
}
