import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { commonTexts } from "../../texts/common";
import { visitTexts } from "../../texts/visit";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import type { OwnVisit } from "./credential";
import type { PatientView } from "./useOwnVisit";

interface Props {
  own: OwnVisit;
  visit: PatientView;
}

/** After so long somebody who stepped out is expected back, minutes. */
const OUT_MINUTES = 15;

/** What a patient may do: step out, come back, leave, go on with the form. */
export function Actions({ own, visit }: Props) {
  const t = useTexts(visitTexts);
  const common = useTexts(commonTexts);
  const intent = useIntent("medique.visit.intent");
  const [isLeaving, setLeaving] = useState(false);
  const isWaiting = visit.state === "WAITING" || visit.state === "URGENT";

  function run(action: "hold" | "resume" | "leave", more: object = {}): Promise<unknown> {
    return intent.run({
      method: "POST",
      path: `/api/v1/visits/${own.visitId}/${action}`,
      body: { expected_version: visit.version, ...more },
      credential: own.visitToken,
    });
  }

  return (
    <section className="stack tight">
      <ErrorText error={intent.error} />
      {intent.attempts > 0 && (
        <p className="notice" data-tone="warn" role="status">
          {common("still_trying", { count: intent.attempts })}
        </p>
      )}
      {visit.state === "SCANNED" && (
        <Link className="button" data-kind="primary" data-size="big" href="/checkin">
          {common("next")}
        </Link>
      )}
      {isWaiting && (
        <>
          <Button
            size="big"
            wide
            isBusy={intent.isPending}
            onClick={() => void run("hold", { expected_return_minutes: OUT_MINUTES })}
          >
            {t("step_out")}
          </Button>
          <p className="muted small">{t("step_out_text")}</p>
        </>
      )}
      {visit.state === "ON_HOLD" && (
        <Button kind="primary" size="big" wide isBusy={intent.isPending} onClick={() => void run("resume")}>
          {t("i_am_back")}
        </Button>
      )}
      {(isWaiting || visit.state === "ON_HOLD" || visit.state === "CALLED") && (
        <Button kind="quiet" onClick={() => setLeaving(true)}>
          {t("leave")}
        </Button>
      )}
      <LeaveDialog
        isOpen={isLeaving}
        onStay={() => setLeaving(false)}
        onLeave={() => {
          setLeaving(false);
          void run("leave");
        }}
      />
    </section>
  );
}

interface LeaveProps {
  isOpen: boolean;
  onStay: () => void;
  onLeave: () => void;
}

/** The browser's own dialog: it keeps the focus and closes by Escape, and costs a phone nothing to load. */
function LeaveDialog({ isOpen, onStay, onLeave }: LeaveProps) {
  const t = useTexts(visitTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} className="visit-dialog" aria-labelledby="leave-title" onClose={onStay}>
      <div className="stack">
        <h2 id="leave-title">{t("leave_title")}</h2>
        <p>{t("leave_text")}</p>
        <Button kind="primary" size="big" onClick={onStay}>
          {t("stay")}
        </Button>
        <Button kind="danger" size="big" onClick={onLeave}>
          {t("leave_yes")}
        </Button>
      </div>
    </dialog>
  );
}
