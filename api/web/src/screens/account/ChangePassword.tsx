import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Password } from "../signin/Password";

export function ChangePassword() {
  const t = useTexts(accountTexts);
  const signin = useTexts(signinTexts);
  const write = useRequest<unknown>();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [isDone, setDone] = useState(false);
  async function send(): Promise<void> {
    const body = { current_password: current, password };
    const done = await write.succeeds({ method: "POST", path: "/api/v1/auth/password/change", body });
    setDone(done);
    if (!done) return;
    setCurrent("");
    setPassword("");
  }
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2>{t("password")}</h2>
      <Password label={t("current")} value={current} onChange={setCurrent} autoComplete="current-password" />
      <Password
        label={signin("new_password")}
        hint={signin("new_hint")}
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
      />
      <ErrorText error={write.error} />
      {isDone && (
        <p className="notice" data-tone="good" role="status">
          {t("changed")}
        </p>
      )}
      <div>
        <Button type="submit" kind="primary" isBusy={write.isPending}>
          {t("password")}
        </Button>
      </div>
    </form>
  );
}
