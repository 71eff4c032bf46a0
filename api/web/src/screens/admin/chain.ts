import type { Schemas } from "../../api/client";

type Entry = Schemas["AuditView"];

export interface Gap {
  partition: number;
  before: number;
  after: number;
}

/** The first place where numbers of a chain do not follow one another; null when nothing is missing. */
export function gapIn(entries: readonly Entry[]): Gap | null {
  const last = new Map<number, number>();
  for (const { partition, chain_seq } of entries) {
    const before = last.get(partition);
    if (before !== undefined && chain_seq !== before + 1) return { partition, before, after: chain_seq };
    last.set(partition, chain_seq);
  }
  return null;
}
