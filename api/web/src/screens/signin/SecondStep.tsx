import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { request } from "../../intent/intent";
import { randomKey } from "../../intent/key";
import { useRequest } from "../../intent/useIntent";
import type { LoginAnswer } from "../../session/session";
import { commonTexts } from "../../texts/common";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Frame } from "./Frame";
import { SetupKey } from "./SetupKey";

interface Props {
  challenge: string;
  /** The role needs a second factor and the account has none: it is set up on the way in. */
  isEnrolment: boolean;
  onDone: (answer: LoginAnswer) => void;
  onBack: () => void;
}

export function SecondStep({ challenge, isEnrolment, onDone, onBack }: Props) {
  const t = useTexts(signinTexts);
  const common = useTexts(commonTexts);
  const step = useRequest<LoginAnswer>();
  const [code, setCode] = useState("");
  const [isRecovery, setRecovery] = useState(false);
  const setup = useQuery({
    queryKey: ["enrolment", challenge],
    enabled: isEnrolment,
    staleTime: Infinity,
    queryFn: () => {
      const path = "/api/v1/auth/login/second-factor/enrol";
      const body = { challenge_token: challenge };
      return request<Schemas["SetupAnswer"]>({ method: "POST", path, body, credential: null }, randomKey());
    },
  });

  async function send(): Promise<void> {
    const given = isRecovery ? { recovery_code: code.trim() } : { code: code.replaceAll(/\s/g, "") };
    const body = { challenge_token: challenge, transport: "cookie", ...given };
    const path = "/api/v1/auth/login/second-factor";
    const answer = await step.run({ method: "POST", path, body, credential: null });
    if (answer !== null) onDone(answer);
  }

  return (
    <Frame title={t(isEnrolment ? "enrol_title" : "code_title")}>
      {isEnrolment && <p>{t("enrol_text")}</p>}
      {setup.error !== null && <ErrorText error={failureOf(setup.error)} />}
      {setup.data !== undefined && <SetupKey setup={setup.data} />}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextInput
          key={isRecovery ? "recovery" : "code"}
          label={t(isRecovery ? "recovery" : "code")}
          hint={isRecovery ? undefined : t("code_hint")}
          inputMode={isRecovery ? "text" : "numeric"}
          autoComplete="one-time-code"
          dir="ltr"
          autoFocus
          required
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <ErrorText error={step.error} />
        <Button type="submit" kind="primary" size="big" isBusy={step.isPending}>
          {t("go_on")}
        </Button>
      </form>
      <div className="row spread">
        <Button kind="quiet" onClick={onBack}>
          {common("back")}
        </Button>
        {!isEnrolment && (
          <Button kind="quiet" onClick={() => setRecovery((now) => !now)}>
            {t(isRecovery ? "use_code" : "use_recovery")}
          </Button>
        )}
      </div>
    </Frame>
  );
}
