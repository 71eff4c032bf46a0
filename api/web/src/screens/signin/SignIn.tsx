import { useState } from "react";
import { Redirect, useSearch } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signedIn, type LoginAnswer } from "../../session/session";
import { useSession } from "../../session/useSession";
import { signinTexts } from "../../texts/signin";
import { Loading } from "../../ui/states";
import { Frame } from "../identity/Frame";
import { RecoveryCodes } from "../identity/RecoveryCodes";
import { backFrom } from "./back";
import { FirstEnrolment } from "./FirstEnrolment";
import { PasswordStep } from "./PasswordStep";
import { SecondStep } from "./SecondStep";

/** Signing in: the password; then, where the account or its role wants one, the second factor. */
export default function SignIn() {
  const t = useTexts(signinTexts);
  const session = useSession();
  const back = backFrom(useSearch());
  const login = useRequest<LoginAnswer>();
  // Somebody who just set up a second factor sees the recovery codes before anything else.
  const [fresh, setFresh] = useState<LoginAnswer | null>(null);

  if (session.status === "restoring") return <Loading />;
  if (session.who !== null) return <Redirect to={back} replace />;

  const challenge = login.error?.problem?.challenge_token;
  if (fresh !== null) {
    return (
      <Frame title={t("codes_title")}>
        <RecoveryCodes codes={fresh.recovery_codes ?? []} onSaved={() => signedIn(fresh)} />
      </Frame>
    );
  }
  if (challenge !== undefined && login.error?.code === "second_factor_enrolment_required") {
    return (
      <Frame title={t("enrol_title")}>
        <FirstEnrolment challenge={challenge} onDone={setFresh} onAgain={login.clear} />
      </Frame>
    );
  }
  if (challenge !== undefined) {
    return (
      <Frame title={t("second_title")}>
        <SecondStep challenge={challenge} onAgain={login.clear} />
      </Frame>
    );
  }
  return (
    <Frame title={t("title")}>
      {session.ended && <p className="notice">{t("ended")}</p>}
      <PasswordStep login={login} />
    </Frame>
  );
}
