/** Kinds of facts, for choosing. */
export const GROUPS = ["visits", "reads", "accounts", "hospital", "data"] as const;
export type Group = (typeof GROUPS)[number];

const READS = new Set(["visit_record_read", "queue_read", "audit_read", "dead_letter_read"]);
const DATA = new Set(["personal_data_exported", "person_erased", "key_rotated"]);
const HOSPITAL = /^(department_|room_|doctor_|day_|adviser_|link_|command_|dead_letter_)/;

/** To which kind a type of event belongs. */
export function groupOf(type: string): Group {
  if (READS.has(type)) return "reads";
  if (DATA.has(type)) return "data";
  if (type.startsWith("visit_")) return "visits";
  return HOSPITAL.test(type) ? "hospital" : "accounts";
}

/** Whose an actor such as `staff:<id>` is, by the names of the staff; the words of the trail otherwise. */
export function actorName(actor: string, names: ReadonlyMap<string, string>): string {
  const id = /^staff:(.+)$/.exec(actor)?.[1];
  return (id === undefined ? undefined : names.get(id)) ?? actor;
}

/** Whether a text is an id of the api's. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim());
}

/** A row of the trail as the chain sees it. */
export interface Link {
  partition: number;
  chain_seq: number;
  hash: string;
}

export type ChainState = "whole" | "gaps" | "broken";

/**
 * What can be told of the chains from the rows at hand: positions that rise with each row and hashes that are
 * hashes and nobody else's. Gaps are other rows that the caller did not ask for, or may not see.
 */
export function chainState(rows: readonly Link[]): ChainState {
  const chains = new Map<number, Link[]>();
  const hashes = new Set<string>();
  for (const row of rows) {
    if (!/^[0-9a-f]{64}$/.test(row.hash) || hashes.has(row.hash)) return "broken";
    hashes.add(row.hash);
    chains.set(row.partition, [...(chains.get(row.partition) ?? []), row]);
  }
  let hasGaps = false;
  for (const chain of chains.values()) {
    const places = chain.map((row) => row.chain_seq).sort((a, b) => a - b);
    for (let at = 1; at < places.length; at += 1) {
      const step = (places[at] ?? 0) - (places[at - 1] ?? 0);
      if (step === 0) return "broken";
      if (step > 1) hasGaps = true;
    }
  }
  return hasGaps ? "gaps" : "whole";
}
