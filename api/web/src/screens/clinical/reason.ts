type Reasons = Readonly<Partial<Record<string, string>>>;

/** The reason of a rule in somebody's language; null when the rule says something else than the one we know by its id. */
export function reasonIn(
  rule: { id: string; reason?: string },
  english: Reasons,
  translated: Reasons,
): string | null {
  const isKnown = rule.reason !== undefined && english[rule.id] === rule.reason;
  return isKnown ? (translated[rule.id] ?? null) : null;
}
