import { useState } from "react";
import type { ApiError } from "../../api/problem";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { CodeInput } from "./CodeInput";
import { Qr } from "./Qr";

interface Props {
  setup: Schemas["SetupAnswer"];
  onCode: (code: string) => void;
  isPending: boolean;
  error: ApiError | null;
}

/** Two steps: the authenticator takes the secret, and proves it with its first code. */
export function Enrolment({ setup, onCode, isPending, error }: Props) {
  const t = useTexts(signinTexts);
  const [code, setCode] = useState("");
  const [isTried, setTried] = useState(false);
  const isWhole = code.length === 6;
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (isWhole) onCode(code);
      }}
    >
      <ol className="identity-steps">
        <li>
          <p>{t("enrol_1")}</p>
          <Qr text={setup.url} label={t("enrol_qr")} />
          <p className="small muted">{t("enrol_key")}</p>
          <p className="identity-key">{setup.secret.match(/.{1,4}/gu)?.join(" ")}</p>
        </li>
        <li>
          <p>{t("enrol_2")}</p>
          <CodeInput
            value={code}
            onChange={setCode}
            complaint={isTried && !isWhole ? t("code_wrong") : null}
          />
        </li>
      </ol>
      <ErrorText error={error} />
      <Button type="submit" kind="primary" wide isBusy={isPending}>
        {t("confirm")}
      </Button>
    </form>
  );
}
