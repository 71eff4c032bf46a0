import { useQuery } from "@tanstack/react-query";
import { failureOf } from "../../api/problem";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { request } from "../../intent/intent";
import { randomKey } from "../../intent/key";
import { useRequest } from "../../intent/useIntent";
import type { LoginAnswer } from "../../session/session";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Enrolment } from "../identity/Enrolment";

interface Props {
  challenge: string;
  onDone: (answer: LoginAnswer) => void;
  onAgain: () => void;
}

/** Sets a second factor up during the first sign-in of somebody whose role needs one. */
export function FirstEnrolment({ challenge, onDone, onAgain }: Props) {
  const t = useTexts(signinTexts);
  const step = useRequest<LoginAnswer>();
  const setup = useQuery({
    queryKey: ["enrolment", challenge],
    queryFn: () =>
      request<Schemas["SetupAnswer"]>(
        {
          method: "POST",
          path: "/api/v1/auth/login/second-factor/enrol",
          body: { challenge_token: challenge },
          credential: "none",
        },
        randomKey(),
      ),
    // Each further call would make another secret: the one that is shown stays.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });

  async function send(code: string): Promise<void> {
    const answered = await step.run({
      method: "POST",
      path: "/api/v1/auth/login/second-factor",
      body: { challenge_token: challenge, transport: "cookie", code },
      credential: "none",
    });
    if (answered !== null) onDone(answered);
  }

  return (
    <>
      <p>{t("enrol_text")}</p>
      {setup.isPending && <Loading />}
      {setup.error !== null && <ErrorText error={failureOf(setup.error)} />}
      {setup.data !== undefined && (
        <Enrolment
          setup={setup.data}
          onCode={(code) => void send(code)}
          isPending={step.isPending}
          error={step.error}
        />
      )}
      <Button kind="quiet" onClick={onAgain}>
        {t("start_again")}
      </Button>
    </>
  );
}
