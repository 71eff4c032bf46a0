import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { TextInput } from "../../ui/Field";

interface Props {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** `new-password` lets password managers propose one. */
  autoComplete: "current-password" | "new-password";
  complaint?: string | null;
}

export function Password({ label, hint, value, onChange, autoComplete, complaint }: Props) {
  const t = useTexts(signinTexts);
  const [isShown, setShown] = useState(false);
  return (
    <div className="stack tight">
      <TextInput
        label={label}
        hint={hint}
        type={isShown ? "text" : "password"}
        autoComplete={autoComplete}
        dir="ltr"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
        complaint={complaint}
      />
      <label className="row signin-show">
        <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.target.checked)} />
        {t("show")}
      </label>
    </div>
  );
}
