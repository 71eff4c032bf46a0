import { useState } from "react";
import { failureOf } from "../../api/problem";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { doctorTexts } from "../../texts/doctor";
import { useTimes } from "../../time/times";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Conflict } from "../clinical/Conflict";
import { FloorBox, VitalsList } from "../clinical/Findings";
import { LevelForm } from "../clinical/LevelForm";
import { Decisions, Suggestion } from "../clinical/Suggestion";
import { useVisit, useVisitWrite, type Visit } from "../clinical/useVisit";
import { Who } from "../clinical/Who";
import { Consultation } from "./Consultation";
import { HoldDialog } from "./HoldDialog";
import { TransferDialog } from "./TransferDialog";
import type { Draft } from "./useDrafts";
import type { Operation, Undo } from "./useUndo";

interface Props {
  item: QueueItem;
  undo: Undo;
  draft: Draft | null;
  onDraft: (draft: Draft | null) => void;
  onSettled: () => void;
}

/** The patient in hand. */
export function Patient({ item, ...rest }: Props) {
  const { visit, isWhole, error } = useVisit(item);
  return (
    <section className="card stack doctor-patient" data-state={item.state}>
      <ErrorText error={error === null ? null : failureOf(error)} />
      <Known visit={visit} isWhole={isWhole} item={item} {...rest} />
    </section>
  );
}

/** What is known, what is written, what comes next. */
function Known({
  visit,
  isWhole,
  item,
  undo,
  draft,
  onDraft,
  onSettled,
}: Props & { visit: Visit; isWhole: boolean }) {
  const t = useTexts(doctorTexts);
  const clinical = useTexts(clinicalTexts);
  const times = useTimes();
  const [asked, setAsked] = useState<"hold" | "transfer" | null>(null);
  const write = useVisitWrite(visit, onSettled);

  async function act(operation: Operation, body: object = {}, sent: Draft | null = null): Promise<boolean> {
    const answered = await write.run(operation, body);
    undo.did(operation, answered, sent);
    if (answered !== null) setAsked(null);
    return answered !== null;
  }
  async function complete(): Promise<void> {
    const { notes = "", prescription = "" } = draft ?? {};
    const texts = Object.entries({ notes: notes.trim(), prescription: prescription.trim() });
    const body = Object.fromEntries(texts.filter(([, text]) => text !== ""));
    if (await act("complete", body, draft)) onDraft(null);
  }
  const problem =
    write.refused === null ? (
      <ErrorText error={write.error} />
    ) : (
      <Conflict seen={write.refused} now={visit} />
    );

  return (
    <>
      <Who visit={visit} />
      {item.state === "CALLED" && visit.called_at !== undefined && (
        <p className="muted small">
          {t("called_at", { time: times.clock(visit.called_at) })} ·{" "}
          {t("recalls", { count: visit.recall_count })}
        </p>
      )}
      {item.state === "IN_CONSULTATION" && <Consultation visit={visit} draft={draft} onDraft={onDraft} />}
      {asked === null && problem}
      <div className="doctor-actions">
        {item.state === "CALLED" && (
          <>
            <Button kind="primary" size="big" isBusy={write.isPending} onClick={() => void act("start")}>
              {t("start")}
            </Button>
            <Button size="big" isDisabled={write.isPending} onClick={() => void act("recall")}>
              {t("recall")}
            </Button>
          </>
        )}
        {item.state === "IN_CONSULTATION" && (
          <Button kind="primary" size="big" isBusy={write.isPending} onClick={() => void complete()}>
            {t("complete")}
          </Button>
        )}
      </div>
      <div className="row doctor-further">
        {item.state === "CALLED" && (
          <>
            <Button isDisabled={write.isPending} onClick={() => void act("unclaim")}>
              {t("unclaim")}
            </Button>
            <Button kind="danger" isDisabled={write.isPending} onClick={() => void act("no-show")}>
              {t("no_show")}
            </Button>
          </>
        )}
        <Button onClick={() => setAsked("hold")}>{t("hold")}</Button>
        <Button onClick={() => setAsked("transfer")}>{t("transfer")}</Button>
      </div>
      <details className="doctor-clinical" open={item.state === "CALLED"}>
        <summary>{t("findings")}</summary>
        {isWhole ? (
          <div className="stack">
            <VitalsList visit={visit} />
            <FloorBox visit={visit} />
            <h3>{clinical("own_level")}</h3>
            <LevelForm visit={visit} onSettled={onSettled} />
            <Suggestion visit={visit} />
            <Decisions visit={visit} />
          </div>
        ) : (
          <Loading />
        )}
      </details>
      {asked === "hold" && (
        <HoldDialog
          isBusy={write.isPending}
          onHold={(body) => void act("hold", body)}
          onClose={() => setAsked(null)}
        >
          {problem}
        </HoldDialog>
      )}
      {asked === "transfer" && (
        <TransferDialog
          visit={visit}
          hasDraft={draft !== null}
          isBusy={write.isPending}
          onTransfer={(body) => void act("transfer", body)}
          onClose={() => setAsked(null)}
        >
          {problem}
        </TransferDialog>
      )}
    </>
  );
}
