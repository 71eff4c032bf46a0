import { useState } from "react";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signedIn, type LoginAnswer } from "../../session/session";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { CodeInput } from "../identity/CodeInput";

/** The code of the authenticator, or one of the recovery codes. */
export function SecondStep({ challenge, onAgain }: { challenge: string; onAgain: () => void }) {
  const t = useTexts(signinTexts);
  const step = useRequest<LoginAnswer>();
  const [isRecovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const [isTried, setTried] = useState(false);
  const isWhole = isRecovery ? code.trim() !== "" : code.length === 6;

  async function send(): Promise<void> {
    setTried(true);
    if (!isWhole) return;
    const proof = isRecovery ? { recovery_code: code.trim() } : { code };
    const answered = await step.run({
      method: "POST",
      path: "/api/v1/auth/login/second-factor",
      body: { challenge_token: challenge, transport: "cookie", ...proof },
      credential: "none",
    });
    if (answered !== null) signedIn(answered);
  }

  function change(toRecovery: boolean): void {
    setRecovery(toRecovery);
    setCode("");
    setTried(false);
    step.clear();
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
      {isRecovery ? (
        <TextInput
          key="recovery"
          label={t("recovery_code")}
          hint={t("recovery_hint")}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          value={code}
          complaint={isTried && !isWhole ? t("recovery_missing") : null}
          onChange={(event) => setCode(event.target.value)}
        />
      ) : (
        <>
          <p>{t("second_text")}</p>
          <CodeInput
            value={code}
            onChange={setCode}
            complaint={isTried && !isWhole ? t("code_wrong") : null}
            autoFocus
          />
        </>
      )}
      <ErrorText error={step.error} />
      <Button type="submit" kind="primary" wide isBusy={step.isPending}>
        {t("title")}
      </Button>
      <Button kind="quiet" onClick={() => change(!isRecovery)}>
        {t(isRecovery ? "use_code" : "use_recovery")}
      </Button>
      <Button kind="quiet" onClick={onAgain}>
        {t("start_again")}
      </Button>
    </form>
  );
}
