import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { failureOf } from "../../api/problem";
import type { Department } from "../../hospital/useDepartments";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { forget, recall, remember } from "../../intent/memory";
import { doctorTexts } from "../../texts/doctor";
import { receptionTexts } from "../../texts/reception";
import { LevelBadge, StateBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextArea } from "../../ui/Field";
import { Findings } from "./Findings";
import { Further } from "./Further";
import type { Doing } from "./useDoing";

interface Props {
  item: QueueItem;
  doing: Doing;
  department: Department;
}

interface Written {
  notes: string;
  prescription: string;
}

/** The patient in hand: what is known, what is written, what comes next. */
export function Patient({ item, doing, department }: Props) {
  const t = useTexts(doctorTexts);
  const desk = useTexts(receptionTexts);
  const name = `medique.written.${item.visit_id}`;
  // In the session of this tab only: what a doctor writes must not stay on a shared machine.
  const [written, setWritten] = useState<Written>(
    () => recall<Written>("session", name) ?? { notes: "", prescription: "" },
  );
  const visit = useQuery({
    queryKey: ["visit", item.visit_id, item.version],
    queryFn: () =>
      answer(api.GET("/api/v1/visits/{visit_id}", { params: { path: { visit_id: item.visit_id } } })),
    placeholderData: (before) => before,
  });

  function write(part: Partial<Written>): void {
    const next = { ...written, ...part };
    setWritten(next);
    remember("session", name, next);
  }
  async function complete(): Promise<void> {
    const body = {
      ...(written.notes.trim() === "" ? {} : { notes: written.notes }),
      ...(written.prescription.trim() === "" ? {} : { prescription: written.prescription }),
    };
    if (await doing.on(item, "complete", "did_complete", body)) forget("session", name);
  }

  return (
    <section className="card stack doctor-patient" data-state={item.state}>
      <div className="row spread">
        <span className="row">
          <LevelBadge level={item.level} />
          <span className="token doctor-token">{item.token}</span>
          <strong className="doctor-name">
            <bdi>{item.name}</bdi>
          </strong>
        </span>
        <span className="row">
          {item.room !== undefined && <span className="badge">{desk("in_room", { room: item.room })}</span>}
          <StateBadge state={item.state} />
        </span>
      </div>
      <ErrorText error={visit.error === null ? null : failureOf(visit.error)} />
      {visit.data !== undefined && <Findings visit={visit.data} />}
      {item.state === "CALLED" && (
        <div className="doctor-actions">
          <Button
            kind="primary"
            size="big"
            isBusy={doing.isPending}
            onClick={() => void doing.on(item, "start", "did_start")}
          >
            {t("start")}
          </Button>
          <Button size="big" onClick={() => void doing.on(item, "recall", "did_call")}>
            {t("recall")}
          </Button>
          <Button onClick={() => void doing.on(item, "unclaim", "did_other")}>{t("unclaim")}</Button>
          <Button kind="danger" onClick={() => void doing.on(item, "no-show", "did_other")}>
            {t("no_show")}
          </Button>
        </div>
      )}
      {item.state === "IN_CONSULTATION" && (
        <>
          <TextArea
            label={t("notes")}
            rows={4}
            maxLength={4000}
            value={written.notes}
            onChange={(event) => write({ notes: event.target.value })}
          />
          <TextArea
            label={t("prescription")}
            hint={t("kept")}
            rows={2}
            maxLength={4000}
            value={written.prescription}
            onChange={(event) => write({ prescription: event.target.value })}
          />
          <Button kind="primary" size="big" isBusy={doing.isPending} onClick={() => void complete()}>
            {t("complete")}
          </Button>
          <Further item={item} doing={doing} department={department} />
        </>
      )}
    </section>
  );
}
