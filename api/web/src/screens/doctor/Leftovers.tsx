import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { doctorTexts } from "../../texts/doctor";
import { Button } from "../../ui/Button";
import type { Draft, Drafts } from "./useDrafts";

interface Props {
  drafts: Drafts;
  /** Visits that are with this doctor: their drafts stand in their fields. */
  inHand: readonly string[];
  onDiscard: (visit: string) => void;
}

/** What was typed for visits that somebody else took on: shown until the doctor throws it away. */
export function Leftovers({ drafts, inHand, onDiscard }: Props) {
  const left = Object.entries(drafts).filter(([visit]) => !inHand.includes(visit));
  return left.map(([visit, draft]) => (
    <Leftover key={visit} draft={draft} onDiscard={() => onDiscard(visit)} />
  ));
}

function Leftover({ draft, onDiscard }: { draft: Draft; onDiscard: () => void }) {
  const t = useTexts(doctorTexts);
  const [isCopied, setCopied] = useState(false);
  const texts = [draft.notes, draft.prescription].filter((text) => text.trim() !== "");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(texts.join("\n\n"));
      setCopied(true);
    } catch {
      // Forbidden: it can be marked and copied by hand.
      setCopied(false);
    }
  }
  return (
    <section className="card stack tight doctor-leftover" role="alert">
      <h2>{t("gone_title", { token: draft.token })}</h2>
      <p>{t("gone_text")}</p>
      {texts.map((text) => (
        <blockquote key={text} dir="auto">
          {text}
        </blockquote>
      ))}
      <div className="row">
        <Button size="small" onClick={() => void copy()}>
          {t(isCopied ? "draft_copied" : "copy")}
        </Button>
        <Button size="small" kind="danger" onClick={onDiscard}>
          {t("discard")}
        </Button>
      </div>
    </section>
  );
}
