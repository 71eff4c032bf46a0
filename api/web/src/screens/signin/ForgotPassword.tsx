import { useState } from "react";
import { Link } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Frame } from "../identity/Frame";

/** Asks for a link by mail. What it says is the same whether or not anybody has the address. */
export default function ForgotPassword() {
  const t = useTexts(signinTexts);
  const call = useRequest<object>();
  const [email, setEmail] = useState("");
  const [isTried, setTried] = useState(false);
  const [isSent, setSent] = useState(false);

  async function send(): Promise<void> {
    setTried(true);
    if (email.trim() === "") return;
    const answered = await call.run({
      method: "POST",
      path: "/api/v1/auth/password/forgot",
      body: { email: email.trim() },
      credential: "none",
    });
    setSent(answered !== null);
  }

  if (isSent) {
    return (
      <Frame title={t("forgot_sent_title")}>
        <p role="status">{t("forgot_sent_text")}</p>
        <Button onClick={() => setSent(false)}>{t("forgot_other")}</Button>
        <Link href="/sign-in">{t("to_sign_in")}</Link>
      </Frame>
    );
  }
  return (
    <Frame title={t("forgot_title")}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p>{t("forgot_text")}</p>
        <TextInput
          label={t("email")}
          type="email"
          dir="ltr"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={254}
          value={email}
          complaint={isTried && email.trim() === "" ? t("email_missing") : null}
          onChange={(event) => setEmail(event.target.value)}
        />
        <ErrorText error={call.error} />
        <Button type="submit" kind="primary" wide isBusy={call.isPending}>
          {t("forgot_send")}
        </Button>
        <Link href="/sign-in">{t("to_sign_in")}</Link>
      </form>
    </Frame>
  );
}
