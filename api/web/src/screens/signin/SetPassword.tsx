import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { takeLink } from "../checkin/link";
import { Frame } from "./Frame";
import { Password } from "./Password";

/** The page behind a mailed link: of an invitation, or of a forgotten password. */
export default function SetPassword() {
  const t = useTexts(signinTexts);
  const [path] = useLocation();
  const isInvitation = path === "/accept-invitation";
  const [token] = useState(takeLink);
  const [password, setPassword] = useState("");
  const [isSet, setSet] = useState(false);
  const write = useRequest<null>();
  const title = t(isInvitation ? "accept_title" : "reset_title");

  async function send(): Promise<void> {
    const target = isInvitation ? "invitations/accept" : "password/reset";
    const body = { token, password };
    setSet(await write.succeeds({ method: "POST", path: `/api/v1/auth/${target}`, body, credential: null }));
  }

  if (token === null) {
    return (
      <Frame title={title}>
        <p>{t("no_token")}</p>
        <Link href="/forgot-password">{t("forgot")}</Link>
      </Frame>
    );
  }
  if (isSet) {
    return (
      <Frame title={title}>
        <p className="notice" data-tone="good" role="status">
          {t("set_done")}
        </p>
        <Link className="button" data-kind="primary" data-size="big" href="/sign-in">
          {t("title")}
        </Link>
      </Frame>
    );
  }
  return (
    <Frame title={title}>
      {isInvitation && <p>{t("accept_text")}</p>}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Password
          label={t("new_password")}
          hint={t("new_hint")}
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
        />
        <ErrorText error={write.error} />
        <Button type="submit" kind="primary" size="big" isBusy={write.isPending}>
          {t("set")}
        </Button>
      </form>
    </Frame>
  );
}
