import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { Labelled } from "../../ui/Field";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: "current-password" | "new-password";
  hint?: string | undefined;
  complaint?: string | null | undefined;
  autoFocus?: boolean;
}

/** A password that can be looked at while it is typed. */
export function PasswordInput({
  label,
  value,
  onChange,
  autoComplete,
  hint,
  complaint,
  autoFocus = false,
}: Props) {
  const t = useTexts(signinTexts);
  const [isShown, setShown] = useState(false);
  return (
    <Labelled label={label} hint={hint} complaint={complaint} isOptional={false}>
      {(wiring) => (
        <span className="password">
          <input
            className="input"
            dir="ltr"
            type={isShown ? "text" : "password"}
            autoComplete={autoComplete}
            autoCapitalize="none"
            spellCheck={false}
            maxLength={1024}
            value={value}
            // The first thing that one does on this page.
            autoFocus={autoFocus}
            onChange={(event) => onChange(event.target.value)}
            {...wiring}
          />
          <button
            type="button"
            className="password-show"
            aria-pressed={isShown}
            aria-label={t("show_password")}
            onClick={() => setShown(!isShown)}
          >
            {t(isShown ? "hide" : "show")}
          </button>
        </span>
      )}
    </Labelled>
  );
}
