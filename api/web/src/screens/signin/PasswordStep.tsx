import { useState } from "react";
import { Link } from "wouter";
import { useTexts } from "../../i18n/texts";
import type { Intent } from "../../intent/useIntent";
import { signedIn, type LoginAnswer } from "../../session/session";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { PasswordInput } from "../identity/PasswordInput";

/** E-mail and password. */
export function PasswordStep({ login }: { login: Intent<LoginAnswer> }) {
  const t = useTexts(signinTexts);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [isTried, setTried] = useState(false);

  async function send(): Promise<void> {
    setTried(true);
    if (email.trim() === "" || password === "") return;
    const answered = await login.run({
      method: "POST",
      path: "/api/v1/auth/login",
      body: { email: email.trim(), password, transport: "cookie" },
      credential: "none",
    });
    if (answered !== null) signedIn(answered);
  }

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p className="muted">{t("intro")}</p>
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
      <PasswordInput
        label={t("password")}
        autoComplete="current-password"
        value={password}
        complaint={isTried && password === "" ? t("password_missing") : null}
        onChange={setPassword}
      />
      <ErrorText error={login.error} />
      <Button type="submit" kind="primary" wide isBusy={login.isPending}>
        {t("title")}
      </Button>
      <p>
        <Link href="/forgot-password">{t("forgot")}</Link>
      </p>
    </form>
  );
}
