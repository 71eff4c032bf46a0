import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { PasswordInput } from "./PasswordInput";
import type { Score } from "./strength";
import type { NewPassword } from "./useNewPassword";

const TONES = ["danger", "danger", "warn", "good", "good"] as const;

/** A new password, twice, with what it is worth. */
export function NewPasswordFields({ form }: { form: NewPassword }) {
  const t = useTexts(signinTexts);
  let complaint = form.wrong === null ? null : t(form.wrong);
  if (form.refused !== null) complaint = t("refused", { detail: form.refused });
  return (
    <>
      <PasswordInput
        label={t("new_password")}
        hint={t("new_password_hint")}
        complaint={complaint}
        value={form.password}
        onChange={form.setPassword}
        autoComplete="new-password"
      />
      {form.password !== "" && <Strength score={form.score} />}
      <PasswordInput
        label={t("repeat")}
        complaint={form.differs ? t("repeat_differs") : null}
        value={form.repeated}
        onChange={form.setRepeated}
        autoComplete="new-password"
      />
    </>
  );
}

function Strength({ score }: { score: Score | null }) {
  const t = useTexts(signinTexts);
  return (
    <div className="strength" data-tone={score === null ? undefined : TONES[score]}>
      <div className="strength-bars" aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <span key={bar} data-on={score !== null && score >= bar ? "" : undefined} />
        ))}
      </div>
      <p className="small" role="status">
        {t("strength")}: {score === null ? "…" : t(`strength_${score}`)}
      </p>
    </div>
  );
}
