import { useState } from "react";
import { Link } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Frame } from "./Frame";

/** Asks for a link by mail. The answer is the same whether or not there is an account. */
export default function Forgot() {
  const t = useTexts(signinTexts);
  const ask = useRequest<unknown>();
  const [email, setEmail] = useState("");
  const [isSent, setSent] = useState(false);
  async function send(): Promise<void> {
    const write = {
      method: "POST",
      path: "/api/v1/auth/password/forgot",
      body: { email: email.trim() },
      credential: null,
    } as const;
    setSent(await ask.succeeds(write));
  }
  if (isSent) {
    return (
      <Frame title={t("sent_title")}>
        <p>{t("sent_text")}</p>
        <Link href="/sign-in">{t("title")}</Link>
      </Frame>
    );
  }
  return (
    <Frame title={t("forgot_title")}>
      <p>{t("forgot_text")}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextInput
          label={t("email")}
          type="email"
          autoComplete="username"
          dir="ltr"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <ErrorText error={ask.error} />
        <Button type="submit" kind="primary" size="big" isBusy={ask.isPending}>
          {t("send_link")}
        </Button>
      </form>
      <Link href="/sign-in">{t("title")}</Link>
    </Frame>
  );
}
