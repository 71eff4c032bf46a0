import { useState } from "react";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { Button } from "../../../ui/Button";

/** A line that is to be copied: an address, or what to type at the server. */
export function Copy({ text, label }: { text: string; label: string }) {
  const t = useTexts(adminTexts);
  const [state, setState] = useState<"no" | "yes" | "failed">("no");
  function copy(): void {
    navigator.clipboard.writeText(text).then(
      () => setState("yes"),
      () => setState("failed"),
    );
  }
  return (
    <div className="admin-copy">
      <code dir="ltr" aria-label={label}>
        {text}
      </code>
      <Button size="small" onClick={copy}>
        {t(state === "yes" ? "copied" : "copy")}
      </Button>
      <span role="status" className="small">
        {state === "failed" ? t("copy_failed") : ""}
      </span>
    </div>
  );
}
