import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Enrolment } from "../identity/Enrolment";
import { RecoveryCodes } from "../identity/RecoveryCodes";
import { Proof } from "./Proof";

const KEY = ["own-second-factor"];

/** What is under way. */
type Step =
  | { kind: "none"; said?: "factor_done" | "factor_removed" }
  | { kind: "prove"; wanted: "enrol" | "codes" | "remove" }
  | { kind: "enrol"; setup: Schemas["SetupAnswer"] }
  | { kind: "codes"; codes: readonly string[]; said?: "factor_done" };

/** The second factor of the own account: set up, moved, taken away, its recovery codes renewed. */
export function OwnSecondFactor() {
  const t = useTexts(accountTexts);
  const queries = useQueryClient();
  const state = useQuery({
    queryKey: KEY,
    queryFn: () => answer(api.GET("/api/v1/auth/second-factor")),
    staleTime: 0,
  });
  const confirm = useRequest<Schemas["RecoveryCodesAnswer"]>();
  const [step, setStep] = useState<Step>({ kind: "none" });

  function settle(next: Step): void {
    setStep(next);
    void queries.invalidateQueries({ queryKey: KEY });
    void queries.invalidateQueries({ queryKey: ["own-sessions"] });
  }

  async function sendCode(code: string): Promise<void> {
    const answered = await confirm.run({
      method: "POST",
      path: "/api/v1/auth/second-factor/confirm",
      body: { code },
    });
    if (answered !== null) settle({ kind: "codes", codes: answered.recovery_codes, said: "factor_done" });
  }

  return (
    <section className="card stack">
      <h2>{t("factor")}</h2>
      {state.isPending && <Loading />}
      {state.error !== null && <ErrorText error={failureOf(state.error)} />}
      <p role="status">{step.kind === "none" && step.said !== undefined && t(step.said)}</p>
      {step.kind === "none" && state.data !== undefined && (
        <Overview state={state.data} onWant={(wanted) => setStep({ kind: "prove", wanted })} />
      )}
      {step.kind === "prove" && (
        <Proof
          wanted={step.wanted}
          onSetup={(setup) => setStep({ kind: "enrol", setup })}
          onCodes={(codes) => settle({ kind: "codes", codes })}
          onRemoved={() => settle({ kind: "none", said: "factor_removed" })}
          onCancel={() => setStep({ kind: "none" })}
        />
      )}
      {step.kind === "enrol" && (
        <Enrolment
          setup={step.setup}
          onCode={(code) => void sendCode(code)}
          isPending={confirm.isPending}
          error={confirm.error}
        />
      )}
      {step.kind === "codes" && (
        <RecoveryCodes
          codes={step.codes}
          onSaved={() => settle({ kind: "none", ...(step.said === undefined ? {} : { said: step.said }) })}
        />
      )}
    </section>
  );
}

interface OverviewProps {
  state: Schemas["SecondFactorAnswer"];
  onWant: (wanted: "enrol" | "codes" | "remove") => void;
}

function Overview({ state, onWant }: OverviewProps) {
  const t = useTexts(accountTexts);
  if (!state.enabled) {
    return (
      <>
        <p className="notice" data-tone="warn">
          {t("factor_off")}
        </p>
        <div>
          <Button kind="primary" onClick={() => onWant("enrol")}>
            {t("factor_set_up")}
          </Button>
        </div>
      </>
    );
  }
  return (
    <>
      <p className="notice" data-tone="good">
        {t("factor_on")}
      </p>
      <p>{t("codes_left", { count: state.recovery_codes_left })}</p>
      {state.required && <p className="muted">{t("factor_required")}</p>}
      <div className="row">
        <Button onClick={() => onWant("codes")}>{t("factor_codes")}</Button>
        <Button onClick={() => onWant("enrol")}>{t("factor_replace")}</Button>
        {!state.required && (
          <Button kind="danger" onClick={() => onWant("remove")}>
            {t("factor_remove")}
          </Button>
        )}
      </div>
    </>
  );
}
