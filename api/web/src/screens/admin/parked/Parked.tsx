import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { parkedTexts } from "../../../texts/parked";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/staff/Dialog";
import { Select } from "../../../ui/staff/Select";
import { Empty, Loading } from "../../../ui/states";
import { Copy } from "../parts/Copy";
import { usePages } from "../parts/data";
import { Json } from "../parts/Json";
import { PageHead, ReadError } from "../parts/Page";
import { DataTable, type Column } from "../parts/Table";
import { doneOf, Redrive, type Done } from "./Redrive";

type Letter = Schemas["DeadLetterView"];
type State = Schemas["DeadLetterState"];
const STATES = ["parked", "redriven", "dropped"] as const;

/** Commands that could not be processed, and how to decide on them. */
export default function Parked() {
  const t = useTexts(parkedTexts);
  const admin = useTexts(adminTexts);
  const times = useTimes();
  const [state, setState] = useState<State>("parked");
  const [open, setOpen] = useState<Letter | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const letters = usePages(["dead-letters", state], (query) =>
    answer(api.GET("/api/v1/dead-letters", { params: { query: { ...query, state } } })),
  );
  const columns: Column<Letter>[] = [
    { id: "at", head: t("parked_at"), isName: true, cell: (one) => times.dateTime(one.parked_at) },
    { id: "reason", head: t("reason"), cell: (one) => <span dir="ltr">{one.reason}</span> },
    { id: "subject", head: t("subject"), cell: (one) => <code dir="ltr">{one.subject}</code> },
    {
      id: "place",
      head: t("place"),
      cell: (one) => (
        <span className="token">
          {one.partition} · {one.seq}
        </span>
      ),
    },
    {
      id: "actions",
      head: "",
      cell: (one) => (
        <div className="admin-actions">
          <Button
            size="small"
            aria-label={`${t("inspect")}: ${times.dateTime(one.parked_at)}`}
            onClick={() => {
              setDone(null);
              setOpen(one);
            }}
          >
            {t("inspect")}
          </Button>
        </div>
      ),
    },
  ];
  return (
    <>
      <PageHead title={admin("nav_parked")} lead={t("lead")} />
      <div className="admin-toolbar">
        <Select
          label={t("state")}
          value={state}
          options={STATES.map((id) => ({ id, label: t(`state_${id}`) }))}
          onChange={(id) => setState(id as State)}
        />
        <Button isBusy={letters.isFetchingMore} onClick={letters.again}>
          {admin("refresh")}
        </Button>
      </div>
      {done !== null && (
        <p className="notice" data-tone={done === "applied" ? "good" : "warn"} role="status">
          {t(`redriven_${done}`)}
        </p>
      )}
      <ReadError error={letters.error} again={letters.again} />
      {letters.isPending && <Loading />}
      {!letters.isPending && letters.items.length === 0 && letters.error === null && (
        <Empty title={t(state === "parked" ? "none_parked" : "none")}>
          {state === "parked" ? t("none_parked_text") : ""}
        </Empty>
      )}
      {letters.items.length > 0 && (
        <DataTable
          label={admin("nav_parked")}
          columns={columns}
          rows={letters.items}
          keyOf={(one) => one.dead_letter_id}
          onEnd={letters.more}
        />
      )}
      {open !== null && (
        <LetterDialog
          letter={open}
          onClose={() => setOpen(null)}
          onRedriven={(status) => {
            setOpen(null);
            setDone(doneOf(status));
            letters.again();
          }}
        />
      )}
    </>
  );
}

interface DialogProps {
  letter: Letter;
  onClose: () => void;
  onRedriven: (status: string) => void;
}

function LetterDialog({ letter, onClose, onRedriven }: DialogProps) {
  const t = useTexts(parkedTexts);
  const times = useTimes();
  const [isShown, setIsShown] = useState(false);
  const id = letter.dead_letter_id;
  const whole = useQuery({
    queryKey: ["dead-letter", id],
    enabled: isShown,
    queryFn: () =>
      answer(api.GET("/api/v1/dead-letters/{dead_letter_id}", { params: { path: { dead_letter_id: id } } })),
  });
  return (
    <Dialog title={t("one_title")} isOpen isWide onClose={onClose}>
      <dl className="admin-facts">
        <dt>{t("parked_at")}</dt>
        <dd>{times.dateTime(letter.parked_at)}</dd>
        <dt>{t("reason")}</dt>
        <dd dir="ltr">{letter.reason}</dd>
        <dt>{t("command")}</dt>
        <dd className="token">{letter.command_id ?? "–"}</dd>
        {letter.resolved_at !== undefined && (
          <>
            <dt>{t("decided")}</dt>
            <dd>
              {times.dateTime(letter.resolved_at)} · <bdi>{letter.resolved_by}</bdi> ·{" "}
              <bdi>{letter.resolution}</bdi>
            </dd>
          </>
        )}
      </dl>
      {letter.state === "parked" && (
        <section className="admin-section">
          <h3>{t("decide")}</h3>
          <p>{t("decide_text")}</p>
          <Redrive id={id} onDone={onRedriven} />
          <p>{t("drop_text")}</p>
          <Copy label={t("drop")} text={`medique-worker admin parked drop ${id} --reason "…"`} />
        </section>
      )}
      <section className="admin-section">
        <h3>{t("message")}</h3>
        {!isShown && (
          <>
            <p className="notice" data-tone="warn">
              {t("message_warning")}
            </p>
            <div>
              <Button onClick={() => setIsShown(true)}>{t("message_show")}</Button>
            </div>
          </>
        )}
        {whole.isFetching && <Loading />}
        <ReadError error={whole.error} again={() => void whole.refetch()} />
        {whole.data !== undefined && (
          <>
            <Json label={t("headers")} text={JSON.stringify(whole.data.headers ?? {}, null, 2)} />
            <Json label={t("message")} text={indented(whole.data.payload ?? "")} />
          </>
        )}
      </section>
    </Dialog>
  );
}

/** JSON with lines; anything else as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
