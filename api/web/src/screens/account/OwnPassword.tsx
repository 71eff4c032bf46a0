import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { NewPasswordFields } from "../identity/NewPassword";
import { PasswordInput } from "../identity/PasswordInput";
import { useNewPassword } from "../identity/useNewPassword";

/** Changes the password. */
export function OwnPassword() {
  const t = useTexts(accountTexts);
  const [isOpen, setOpen] = useState(false);
  const [isDone, setDone] = useState(false);
  return (
    <section className="card stack">
      <div>
        <h2>{t("password")}</h2>
        <p className="muted">{t("password_text")}</p>
      </div>
      <p role="status">{isDone && t("password_changed")}</p>
      {isOpen ? (
        <Change
          onDone={() => {
            setOpen(false);
            setDone(true);
          }}
        />
      ) : (
        <div>
          <Button onClick={() => setOpen(true)}>{t("password_change")}</Button>
        </div>
      )}
    </section>
  );
}

function Change({ onDone }: { onDone: () => void }) {
  const t = useTexts(accountTexts);
  const call = useRequest<object>();
  const form = useNewPassword(call.error);
  const [current, setCurrent] = useState("");
  const isWrong = call.error?.code === "invalid_credentials";

  async function send(): Promise<void> {
    if (!form.check() || current === "") return;
    const body = { current_password: current, password: form.password };
    const answered = await call.run({ method: "POST", path: "/api/v1/auth/password/change", body });
    if (answered !== null) onDone();
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
      <PasswordInput
        label={t("password_current")}
        autoComplete="current-password"
        value={current}
        complaint={isWrong ? t("password_wrong") : null}
        onChange={setCurrent}
      />
      <NewPasswordFields form={form} />
      {!isWrong && form.refused === null && <ErrorText error={call.error} />}
      <Button type="submit" kind="primary" isBusy={call.isPending} isDisabled={current === ""}>
        {t("password_change")}
      </Button>
    </form>
  );
}
