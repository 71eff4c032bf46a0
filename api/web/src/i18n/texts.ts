import { use } from "react";
import { format, type Values } from "./format";
import { LANGUAGES, type Language } from "./languages";
import { useLanguage } from "./LanguageProvider";

type Loaders<K extends string> = Readonly<
  Record<Language, () => Promise<{ default: Readonly<Record<K, string>> }>>
>;

/** Texts of one part of the screens; a language is loaded when it is needed. Every language has the same keys. */
export class Texts<K extends string> {
  private readonly loaded = new Map<Language, Promise<Readonly<Record<K, string>>>>();

  constructor(private readonly loaders: Loaders<K>) {}

  load(language: Language): Promise<Readonly<Record<K, string>>> {
    const known = this.loaded.get(language);
    if (known !== undefined) return known;
    const loading = this.loaders[language]().then((module) => module.default);
    this.loaded.set(language, loading);
    // A language that could not be loaded may be asked for again.
    loading.catch(() => this.loaded.delete(language));
    return loading;
  }
}

/** The keys of texts. */
export type KeysOf<T> = T extends Texts<infer K> ? K : never;

export type Translate<K extends string> = (key: K, values?: Values) => string;

/** The texts in the language of the page. Suspends while they load. */
export function useTexts<K extends string>(texts: Texts<K>): Translate<K> {
  const { language } = useLanguage();
  return useTextsIn(texts, language);
}

/** The texts in one language, whatever the page's is: for announcements in several. */
export function useTextsIn<K extends string>(texts: Texts<K>, language: Language): Translate<K> {
  const messages = use(texts.load(language));
  return (key, values = {}) => format(messages[key], values, LANGUAGES[language].format);
}
