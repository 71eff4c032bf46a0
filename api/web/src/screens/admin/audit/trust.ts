import type { Schemas } from "../../../api/client";
import type { Link } from "./words";

type Verification = Pick<Schemas["Verification"], "chains" | "findings" | "state">;

export type Trust = "verified" | "doubtful" | "later";

/**
 * What the last check of the whole trail says of a row: that its chain was whole up to there, that something is wrong
 * at it or before it, or nothing, since the row is younger.
 */
export function trustIn(row: Pick<Link, "partition" | "chain_seq">, verification: Verification): Trust {
  const isBroken = verification.findings.some(
    (finding) =>
      finding.partition === row.partition &&
      (finding.chain_seq === undefined || finding.chain_seq <= row.chain_seq),
  );
  if (isBroken) return "doubtful";
  const end = verification.chains.find((chain) => chain.partition === row.partition)?.chain_seq ?? 0;
  return row.chain_seq <= end ? "verified" : "later";
}
