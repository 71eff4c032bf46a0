import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Password } from "../signin/Password";
import { CodeList } from "../signin/RecoveryCodes";
import { SetupKey } from "../signin/SetupKey";

/** Whether the account has a second step, and how to get one. */
export function SecondFactor() {
  const t = useTexts(accountTexts);
  const factor = useQuery({
    queryKey: ["second-factor"],
    queryFn: () => answer(api.GET("/api/v1/auth/second-factor")),
  });
  return (
    <section className="card stack">
      <h2>{t("second_factor")}</h2>
      <ErrorText error={factor.error === null ? null : failureOf(factor.error)} />
      {factor.data?.enabled === true && <p>{t("is_on", { count: factor.data.recovery_codes_left })}</p>}
      {factor.data?.enabled === false && <SetUp />}
    </section>
  );
}

function SetUp() {
  const t = useTexts(accountTexts);
  const signin = useTexts(signinTexts);
  const client = useQueryClient();
  const enrol = useRequest<Schemas["SetupAnswer"]>();
  const confirm = useRequest<Schemas["RecoveryCodesAnswer"]>();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [setup, setSetup] = useState<Schemas["SetupAnswer"] | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);

  async function send(): Promise<void> {
    if (setup === null) {
      setSetup(
        await enrol.run({ method: "POST", path: "/api/v1/auth/second-factor/enrol", body: { password } }),
      );
      return;
    }
    const body = { code: code.replaceAll(/\s/g, "") };
    const done = await confirm.run({ method: "POST", path: "/api/v1/auth/second-factor/confirm", body });
    setCodes(done?.recovery_codes ?? null);
  }

  if (codes !== null) {
    return (
      <>
        <p>{signin("codes_text")}</p>
        <CodeList codes={codes} />
        <Button kind="primary" onClick={() => void client.invalidateQueries({ queryKey: ["second-factor"] })}>
          {signin("codes_kept")}
        </Button>
      </>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p>{t("is_off")}</p>
      {setup === null ? (
        <Password
          label={t("current")}
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
        />
      ) : (
        <>
          <SetupKey setup={setup} />
          <TextInput
            label={signin("code")}
            hint={signin("code_hint")}
            inputMode="numeric"
            autoComplete="one-time-code"
            dir="ltr"
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </>
      )}
      <ErrorText error={enrol.error ?? confirm.error} />
      <div>
        <Button type="submit" isBusy={enrol.isPending || confirm.isPending}>
          {t(setup === null ? "set_up" : "confirm")}
        </Button>
      </div>
    </form>
  );
}
