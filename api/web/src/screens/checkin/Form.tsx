import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { answer, api } from "../../api/client";
import { useLanguage } from "../../i18n/LanguageProvider";
import { useTexts } from "../../i18n/texts";
import { checkinTexts } from "../../texts/checkin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { failureOf } from "../../api/problem";
import { complaintsOf, STEPS, type Step } from "./draft";
import { StepFields } from "./StepFields";
import type { CheckIn } from "./useCheckIn";

interface Props {
  checkIn: CheckIn;
  /** Told which questions are asked; null while nobody knows. */
  onSend: (asked: readonly string[] | null) => Promise<void>;
}

/** The questions, a step at a time. */
export function Form({ checkIn, onSend }: Props) {
  const t = useTexts(checkinTexts);
  const common = useTexts(commonTexts);
  const { language } = useLanguage();
  const questions = useQuery({
    queryKey: ["questions", language],
    queryFn: () => answer(api.GET("/api/v1/triage/questions", { params: { query: { lang: language } } })),
    staleTime: Infinity,
  });
  const [isTried, setTried] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const step: Step = checkIn.step === "start" ? "flags" : checkIn.step;
  const at = STEPS.indexOf(step);
  const ids = questions.data?.questions.map((question) => question.id) ?? [];
  const complaints = isTried ? complaintsOf(step, checkIn.draft, ids) : new Map<string, never>();

  // Whoever reads with a screen reader, or scrolled down, begins each step at its top.
  useEffect(() => {
    heading.current?.focus();
    window.scrollTo(0, 0);
  }, [step]);

  function goOn(): void {
    if (complaintsOf(step, checkIn.draft, ids).size > 0) {
      setTried(true);
      requestAnimationFrame(() =>
        form.current?.querySelector<HTMLElement>("[aria-invalid], fieldset[aria-describedby] input")?.focus(),
      );
      return;
    }
    setTried(false);
    const next = STEPS[at + 1];
    if (next === undefined) void onSend(questions.data === undefined ? null : ids);
    else checkIn.goTo(next);
  }

  return (
    <form
      ref={form}
      className="checkin-form stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        goOn();
      }}
    >
      <Progress at={at} />
      <h1 ref={heading} tabIndex={-1}>
        {t(
          step === "flags"
            ? "flags_title"
            : step === "reason"
              ? "reason_title"
              : step === "you"
                ? "you_title"
                : "check_title",
        )}
      </h1>
      {questions.error !== null && <ErrorText error={failureOf(questions.error)} />}
      {questions.isPending && <p className="muted">{common("loading")}</p>}
      {(questions.data !== undefined || step !== "flags") && (
        <StepFields
          step={step}
          checkIn={checkIn}
          questions={questions.data?.questions ?? []}
          complaints={complaints}
          onEdit={checkIn.goTo}
        />
      )}
      {checkIn.tookTooLong && (
        <p className="notice" data-tone="warn" role="alert">
          {t("took_too_long")}
        </p>
      )}
      <ErrorText error={checkIn.error} />
      {checkIn.attempts > 0 && (
        <p className="notice" data-tone="warn" role="status">
          {common("still_trying", { count: checkIn.attempts })}
        </p>
      )}
      <div className="checkin-actions">
        {at > 0 && (
          <Button size="big" onClick={() => checkIn.goTo(STEPS[at - 1] ?? "flags")}>
            {common("back")}
          </Button>
        )}
        <Button type="submit" kind="primary" size="big" isBusy={checkIn.isPending}>
          {step === "check" ? t("check_in") : common("next")}
        </Button>
      </div>
      <p className="muted small">{t("saved_here")}</p>
    </form>
  );
}

function Progress({ at }: { at: number }) {
  const t = useTexts(checkinTexts);
  return (
    <div className="stack tight">
      <span className="muted small">{t("step", { step: at + 1, steps: STEPS.length })}</span>
      <div className="checkin-progress" data-step={at + 1} aria-hidden="true">
        {STEPS.map((step, index) => (
          <span key={step} data-done={index <= at || undefined} />
        ))}
      </div>
    </div>
  );
}
