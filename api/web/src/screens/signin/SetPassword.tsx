import { useEffect, useState } from "react";
import { Link } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Frame } from "../identity/Frame";
import { NewPasswordFields } from "../identity/NewPassword";
import { useNewPassword } from "../identity/useNewPassword";

interface Props {
  /** Which of the two mails the link was in. */
  kind: "reset" | "accept";
}

const PATHS = {
  reset: "/api/v1/auth/password/reset",
  accept: "/api/v1/auth/invitations/accept",
} as const;

/** Sets a password with a mailed link. */
export function SetPassword({ kind }: Props) {
  const t = useTexts(signinTexts);
  // The token stands behind `#`, where no server sees it; it does not stay in the address either.
  const [token] = useState(() => location.hash.slice(1));
  useEffect(() => history.replaceState(history.state, "", location.pathname + location.search), []);
  const call = useRequest<object>();
  const form = useNewPassword(call.error);
  const [isDone, setDone] = useState(false);

  async function send(): Promise<void> {
    if (!form.check()) return;
    const body = { token, password: form.password };
    const answered = await call.run({ method: "POST", path: PATHS[kind], body, credential: "none" });
    setDone(answered !== null);
  }

  if (isDone) {
    return (
      <Frame title={t("set_done_title")}>
        <p role="status">{t("set_done_text")}</p>
        <Link className="button" data-kind="primary" href="/sign-in">
          {t("title")}
        </Link>
      </Frame>
    );
  }
  if (token === "") {
    return (
      <Frame title={t("no_token_title")}>
        <p>{t("no_token_text")}</p>
        <Link href="/forgot-password">{t("forgot_send")}</Link>
      </Frame>
    );
  }
  return (
    <Frame title={t(kind === "reset" ? "reset_title" : "accept_title")}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p>{t(kind === "reset" ? "reset_text" : "accept_text")}</p>
        {kind === "accept" && <p className="hint">{t("accept_privacy")}</p>}
        <NewPasswordFields form={form} />
        {form.refused === null && <ErrorText error={call.error} />}
        <Button type="submit" kind="primary" wide isBusy={call.isPending}>
          {t("set_password")}
        </Button>
      </form>
    </Frame>
  );
}
