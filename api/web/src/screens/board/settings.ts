import { LANGUAGE_CODES, type Language } from "../../i18n/languages";
import { recall, remember } from "../../intent/memory";

export interface BoardSettings {
  /** Ids of the departments, in the order in which they are shown. */
  departments: readonly string[];
  /** Languages of the announcements, in their order; none for a silent board. */
  languages: readonly Language[];
}

const NAME = "medique.board";

/** The settings of this television; they survive its power loss. */
export function boardSettings(): BoardSettings | null {
  const kept = recall<BoardSettings>("local", NAME);
  if (kept === null || kept.departments.length === 0) return null;
  return { ...kept, languages: kept.languages.filter((language) => LANGUAGE_CODES.includes(language)) };
}

export function keepSettings(settings: BoardSettings): void {
  remember("local", NAME, settings);
}
