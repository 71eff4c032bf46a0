const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//u, "Edge"],
  [/OPR\//u, "Opera"],
  [/SamsungBrowser\//u, "Samsung Internet"],
  [/Firefox\//u, "Firefox"],
  [/Chrom(?:e|ium)\//u, "Chrome"],
  [/Safari\//u, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Windows/u, "Windows"],
  [/Android/u, "Android"],
  [/iPhone|iPad/u, "iOS"],
  [/Mac OS X/u, "macOS"],
  [/CrOS/u, "ChromeOS"],
  [/Linux/u, "Linux"],
];

/** What a browser calls itself, for people; as it is when nothing of it is known. Null when it says nothing. */
export function deviceOf(userAgent: string | undefined): string | null {
  const text = userAgent?.trim() ?? "";
  if (text === "") return null;
  const named = [BROWSERS, SYSTEMS].map((known) => known.find(([pattern]) => pattern.test(text))?.[1]);
  const parts = named.filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(" · ") : text.slice(0, 80);
}
