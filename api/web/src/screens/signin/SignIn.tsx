import { useState } from "react";
import { Link, Redirect } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { signedIn, type LoginAnswer } from "../../session/session";
import { useSession } from "../../session/useSession";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Frame } from "./Frame";
import { Password } from "./Password";
import { RecoveryCodes } from "./RecoveryCodes";
import { SecondStep } from "./SecondStep";

/** Where to go after signing in: a path of ours, whatever the address says. */
function back(): string {
  const wanted = new URLSearchParams(location.search).get("back") ?? "/";
  return /^\/(?![/\\])/.test(wanted) ? wanted : "/";
}

/** E-mail and password, then the second step where the account has one. */
export default function SignIn() {
  const t = useTexts(signinTexts);
  const session = useSession();
  const login = useRequest<LoginAnswer>();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState<LoginAnswer | null>(null);
  const [isStepOff, setStepOff] = useState(false);
  const problem = login.error?.problem ?? null;
  const challenge = isStepOff ? null : (problem?.challenge_token ?? null);

  function finish(answer: LoginAnswer): void {
    // New recovery codes are shown once, so the page stays until they were kept.
    if (answer.recovery_codes === undefined) signedIn(answer);
    else setFresh(answer);
  }
  async function send(): Promise<void> {
    setStepOff(false);
    const body = { email: email.trim(), password, transport: "cookie" };
    const answer = await login.run({ method: "POST", path: "/api/v1/auth/login", body, credential: null });
    if (answer !== null) finish(answer);
  }

  if (session.who !== null) return <Redirect to={back()} replace />;
  if (fresh !== null)
    return <RecoveryCodes codes={fresh.recovery_codes ?? []} onKept={() => signedIn(fresh)} />;
  if (challenge !== null) {
    return (
      <SecondStep
        challenge={challenge}
        isEnrolment={problem?.code === "second_factor_enrolment_required"}
        onDone={finish}
        onBack={() => setStepOff(true)}
      />
    );
  }
  return (
    <Frame title={t("title")}>
      {session.ended && login.error === null && <p className="notice">{t("ended")}</p>}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextInput
          label={t("email")}
          type="email"
          autoComplete="username"
          dir="ltr"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Password
          label={t("password")}
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
        />
        <ErrorText error={isStepOff ? null : login.error} />
        <Button type="submit" kind="primary" size="big" isBusy={login.isPending}>
          {t("title")}
        </Button>
      </form>
      <Link href="/forgot-password">{t("forgot")}</Link>
    </Frame>
  );
}
