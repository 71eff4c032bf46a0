import type { QueueItem } from "./useQueue";

/** Whether a visit is what somebody types: part of the token, the name or the complaint, accents or not. */
export function matches(item: QueueItem, text: string): boolean {
  const wanted = plain(text);
  if (wanted === "") return true;
  return [item.token, item.name, item.complaint].some(
    (part) =>
      part !== undefined &&
      (plain(part).includes(wanted) || plain(part).replaceAll("-", "").includes(wanted)),
  );
}

/** Whether two names are likely of one person: the same words in any order. */
export function isSameName(a: string, b: string): boolean {
  const words = (name: string) => plain(name).split(/\s+/).filter(Boolean).sort().join(" ");
  return words(a) !== "" && words(a) === words(b);
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}
