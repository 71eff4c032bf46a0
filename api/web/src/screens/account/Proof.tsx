import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { CodeInput } from "../identity/CodeInput";
import { PasswordInput } from "../identity/PasswordInput";

interface Props {
  wanted: "enrol" | "codes" | "remove";
  onSetup: (setup: Schemas["SetupAnswer"]) => void;
  onCodes: (codes: readonly string[]) => void;
  onRemoved: () => void;
  onCancel: () => void;
}

const PATHS = {
  enrol: "/api/v1/auth/second-factor/enrol",
  codes: "/api/v1/auth/second-factor/recovery-codes",
  remove: "/api/v1/auth/second-factor/remove",
} as const;

/** Asks for the password, and for a code where the second factor is to go, and does what was wanted. */
export function Proof({ wanted, onSetup, onCodes, onRemoved, onCancel }: Props) {
  const t = useTexts(accountTexts);
  const common = useTexts(commonTexts);
  const call = useRequest<Partial<Schemas["SetupAnswer"] & Schemas["RecoveryCodesAnswer"]>>();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const isReady = password !== "" && (wanted !== "remove" || code.length === 6);

  async function send(): Promise<void> {
    if (!isReady) return;
    const body = wanted === "remove" ? { password, code } : { password };
    const answered = await call.run({ method: "POST", path: PATHS[wanted], body });
    if (answered === null) return;
    if (answered.secret !== undefined && answered.url !== undefined) {
      onSetup({ secret: answered.secret, url: answered.url });
    } else if (answered.recovery_codes !== undefined) onCodes(answered.recovery_codes);
    else onRemoved();
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
      <p>{t("prove")}</p>
      <PasswordInput
        label={t("password")}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        autoFocus
      />
      {wanted === "remove" && <CodeInput value={code} onChange={setCode} complaint={null} />}
      <ErrorText error={call.error} />
      <div className="row">
        <Button type="submit" kind="primary" isBusy={call.isPending} isDisabled={!isReady}>
          {common("next")}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          {common("cancel")}
        </Button>
      </div>
    </form>
  );
}
