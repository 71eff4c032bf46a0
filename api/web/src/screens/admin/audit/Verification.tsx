import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { auditTexts } from "../../../texts/audit";
import { useTimes } from "../../../time/times";
import { Copy } from "../parts/Copy";
import { ReadError } from "../parts/Page";
import { useNumbers } from "../parts/useNumbers";
import { trustIn } from "./trust";
import { chainState, type Link } from "./words";

export type Verified = Schemas["Verification"];

const TONES = { unchecked: "calm", whole: "good", tampered: "danger" } as const;
const MARKS = { verified: "good", doubtful: "danger", later: "calm" } as const;

/** What the last check of the whole trail found. */
export function useVerification() {
  return useQuery({
    queryKey: ["audit-verification"],
    queryFn: () => answer(api.GET("/api/v1/audit/verification")),
  });
}

interface Props {
  rows: readonly Link[];
  verification: ReturnType<typeof useVerification>;
}

/** Whether the trail can be trusted: what the last check found, and what the rows at hand say. */
export function Verification({ rows, verification }: Props) {
  const t = useTexts(auditTexts);
  const state = chainState(rows);
  return (
    <section className="card stack tight" aria-label={t("verification")}>
      {verification.data !== undefined && <LastCheck found={verification.data} />}
      <ReadError error={verification.error} again={() => void verification.refetch()} />
      <div className="row">
        <h2>{t("verification")}</h2>
        <span
          className="badge"
          data-tone={state === "broken" ? "danger" : state === "whole" ? "good" : "calm"}
        >
          {t(`chain_${state}`)}
        </span>
      </div>
      <p className="small muted">{t(`chain_${state}_text`, { count: rows.length })}</p>
      <p className="small">{t("verify_text")}</p>
      <Copy label={t("verification")} text="medique-worker admin audit verify" />
    </section>
  );
}

function LastCheck({ found }: { found: Verified }) {
  const t = useTexts(auditTexts);
  const times = useTimes();
  const numbers = useNumbers();
  const unshown = found.finding_count - found.findings.length;
  return (
    <>
      <div className="row">
        <h2>{t("last_check")}</h2>
        <span className="badge" data-tone={TONES[found.state]}>
          {t(`trail_${found.state}`)}
        </span>
      </div>
      <p className="small muted">
        {found.checked_at === undefined
          ? t("trail_unchecked_text")
          : t("trail_checked_text", {
              time: times.dateTime(found.checked_at),
              rows: numbers.whole(found.rows),
              roots: numbers.whole(found.roots),
            })}
      </p>
      {found.checked_at !== undefined && !found.signatures_checked && found.roots > 0 && (
        <p className="small">{t("trail_unsigned")}</p>
      )}
      {found.findings.length > 0 && (
        <div className="notice" data-tone="danger">
          <p>{t("trail_tampered_text")}</p>
          <ul lang="en" dir="ltr">
            {found.findings.map((one) => (
              <li key={`${one.partition} ${one.chain_seq} ${one.problem}`}>
                {one.partition !== undefined && `${one.partition} · ${one.chain_seq ?? "–"}: `}
                {one.tampering}: {one.problem}
              </li>
            ))}
          </ul>
          {unshown > 0 && <p>{t("trail_more", { count: unshown })}</p>}
        </div>
      )}
    </>
  );
}

/** What the last check says of one row; nothing when there was none. */
export function TrustMark({ row, found }: { row: Link; found: Verified }) {
  const t = useTexts(auditTexts);
  if (found.state === "unchecked") return null;
  const trust = trustIn(row, found);
  return (
    <span className="badge" data-tone={MARKS[trust]}>
      {t(`mark_${trust}`)}
    </span>
  );
}
