import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";

/** The codes that let in without the phone. Shown this once. */
export function RecoveryCodes({ codes, onSaved }: { codes: readonly string[]; onSaved: () => void }) {
  const t = useTexts(signinTexts);
  const [isCopied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      setCopied(true);
    } catch {
      // Forbidden: they can be marked and copied by hand.
      setCopied(false);
    }
  }
  return (
    <div className="stack">
      <p>{t("codes_text")}</p>
      <ul className="codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row">
        <Button onClick={() => void copy()}>
          <span role="status">{t(isCopied ? "codes_copied" : "codes_copy")}</span>
        </Button>
        <Button onClick={() => window.print()}>{t("codes_print")}</Button>
        <Button kind="primary" onClick={onSaved}>
          {t("codes_saved")}
        </Button>
      </div>
    </div>
  );
}
