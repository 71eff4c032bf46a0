import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { TextInput } from "../../ui/Field";

interface Props {
  value: string;
  onChange: (code: string) => void;
  complaint: string | null;
  autoFocus?: boolean;
}

/** The digits that an authenticator shows, however they were typed or pasted. */
export function digitsOf(typed: string): string {
  return typed.replaceAll(/\D/gu, "").slice(0, 6);
}

export function CodeInput({ value, onChange, complaint, autoFocus = false }: Props) {
  const t = useTexts(signinTexts);
  return (
    <div className="code-input">
      <TextInput
        label={t("code")}
        complaint={complaint}
        value={value}
        dir="ltr"
        inputMode="numeric"
        autoComplete="one-time-code"
        // The only thing to do on this page.
        autoFocus={autoFocus}
        onChange={(event) => onChange(digitsOf(event.target.value))}
      />
    </div>
  );
}
