import { use, useEffect, useMemo, useState } from "react";
import { answer, api, type Schemas } from "../../../api/client";
import { useFacility } from "../../../app/Staff";
import { useLanguage } from "../../../i18n/LanguageProvider";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { auditTexts } from "../../../texts/audit";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { TextInput } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import { Select } from "../../../ui/staff/Select";
import { Empty, Loading } from "../../../ui/states";
import { nameOf, useDepartments, usePages, useStaff } from "../parts/data";
import { Json } from "../parts/Json";
import { PageHead, ReadError } from "../parts/Page";
import { DataTable, type Column } from "../parts/Table";
import { instantOf, localOf } from "../parts/zoned";
import { TrustMark, useVerification, Verification } from "./Verification";
import { actorName, groupOf, GROUPS, isId, type Group } from "./words";

export type AuditRow = Schemas["AuditView"];

const HOUR_MS = 3_600_000;
/** So many rows are read by themselves; further ones when somebody asks. */
const READ_ON = 4_000;

interface Asked {
  from: string;
  to: string;
  visit: string;
}

/** Who did what, when, and whether the trail can be trusted. */
export default function Audit() {
  const facility = useFacility();
  return facility.data === undefined ? <Loading /> : <Trail zone={facility.data.timezone} />;
}

function Trail({ zone }: { zone: string }) {
  const t = useTexts(auditTexts);
  const admin = useTexts(adminTexts);
  const times = useTimes();
  const words = useEventWords();
  const names = useNames();
  const departments = useDepartments();
  const [form, setForm] = useState<Asked>(() => ({
    from: localOf(Date.now() - 4 * HOUR_MS, zone),
    to: "",
    visit: "",
  }));
  const [asked, setAsked] = useState(form);
  const [group, setGroup] = useState<Group | "all">("all");
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<AuditRow | null>(null);
  const verification = useVerification();
  const isVisitWrong = form.visit.trim() !== "" && !isId(form.visit);
  const trail = usePages(["audit", asked], (page) =>
    answer(api.GET("/api/v1/audit", { params: { query: { ...page, ...queryOf(asked, zone) } } })),
  );
  const { isPartial, isFetchingMore, error, more } = trail;
  const isWanted = isPartial && !isFetchingMore && error === null && trail.items.length < READ_ON;
  useEffect(() => {
    if (isWanted) more();
  }, [isWanted, more]);
  const wanted = search.trim().toLocaleLowerCase();
  const newest = [...trail.items].reverse();
  const shown = newest.filter(
    (row) =>
      (group === "all" || groupOf(row.event_type) === group) &&
      (wanted === "" ||
        `${words(row.event_type)} ${actorName(row.actor, names)} ${row.visit_id ?? ""}`
          .toLocaleLowerCase()
          .includes(wanted)),
  );

  const columns: Column<AuditRow>[] = [
    { id: "at", head: t("when"), isName: true, cell: (row) => times.dateTime(row.occurred_at) },
    { id: "what", head: t("what"), cell: (row) => words(row.event_type) },
    { id: "who", head: t("who"), cell: (row) => <bdi>{actorName(row.actor, names)}</bdi> },
    {
      id: "where",
      head: t("where"),
      cell: (row) => <bdi>{nameOf(departments.data, row.department_id)}</bdi>,
    },
    {
      id: "chain",
      head: t("chain"),
      cell: (row) => (
        <>
          <span className="token small" title={row.hash}>
            {row.partition} · {row.chain_seq} · {row.hash.slice(0, 8)}
          </span>{" "}
          {verification.data !== undefined && <TrustMark row={row} found={verification.data} />}
        </>
      ),
    },
    {
      id: "more",
      head: "",
      cell: (row) => (
        <div className="admin-actions">
          <Button
            size="small"
            aria-label={`${t("details")}: ${words(row.event_type)}, ${times.dateTime(row.occurred_at)}`}
            onClick={() => setOpen(row)}
          >
            {t("details")}
          </Button>
        </div>
      ),
    },
  ];

  return (
    <>
      <PageHead title={admin("nav_audit")} lead={t("lead")} />
      <Verification rows={trail.items} verification={verification} />
      <form
        className="admin-toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isVisitWrong) setAsked(form);
        }}
      >
        <TextInput
          type="datetime-local"
          label={t("from")}
          value={form.from}
          onChange={(event) => setForm({ ...form, from: event.target.value })}
        />
        <TextInput
          type="datetime-local"
          label={t("to")}
          value={form.to}
          onChange={(event) => setForm({ ...form, to: event.target.value })}
        />
        <TextInput
          label={t("visit_id")}
          dir="ltr"
          value={form.visit}
          complaint={isVisitWrong ? t("visit_id_wrong") : null}
          onChange={(event) => setForm({ ...form, visit: event.target.value })}
        />
        <Button kind="primary" type="submit" isBusy={trail.isPending}>
          {t("search")}
        </Button>
      </form>
      <div className="admin-toolbar">
        <Select
          label={t("kind")}
          value={group}
          options={[
            { id: "all", label: t("every_kind") },
            ...GROUPS.map((id) => ({ id, label: t(`group_${id}`) })),
          ]}
          onChange={(id) => setGroup(id as Group | "all")}
        />
        <TextInput
          type="search"
          label={t("filter")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <p className="muted small" role="status">
          {t(trail.isPartial ? "read_so_far" : "read", { count: trail.items.length, shown: shown.length })}
        </p>
        {trail.isPartial && (
          <Button isBusy={trail.isFetchingMore} onClick={trail.more}>
            {t("more")}
          </Button>
        )}
      </div>
      <ReadError error={trail.error} again={trail.again} />
      {trail.isPending && <Loading />}
      {!trail.isPending && shown.length === 0 && trail.error === null && <Empty title={t("none")} />}
      {shown.length > 0 && (
        <DataTable label={admin("nav_audit")} columns={columns} rows={shown} keyOf={(row) => row.event_id} />
      )}
      {open !== null && (
        <RowDialog
          row={open}
          title={words(open.event_type)}
          who={actorName(open.actor, names)}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

/** The parameters of the api for what a person typed. */
export function queryOf(asked: Asked, zone: string): { from?: string; to?: string; visit_id?: string } {
  const from = instantOf(asked.from, zone);
  const to = instantOf(asked.to, zone);
  const visit = asked.visit.trim();
  return {
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(isId(visit) ? { visit_id: visit } : {}),
  };
}

/** Writes types of events in the person's language; unknown ones as they are. */
export function useEventWords(): (type: string) => string {
  const { language } = useLanguage();
  const messages = new Map(Object.entries(use(auditTexts.load(language))));
  return (type) => messages.get(`event_${type}`) ?? type;
}

/** Names of the staff by id. */
export function useNames(): ReadonlyMap<string, string> {
  const { items } = useStaff();
  return useMemo(() => new Map(items.map((one) => [one.id, one.name])), [items]);
}

interface RowProps {
  row: AuditRow;
  title: string;
  who: string;
  onClose: () => void;
}

function RowDialog({ row, title, who, onClose }: RowProps) {
  const t = useTexts(auditTexts);
  const times = useTimes();
  const facts = [
    [t("when"), times.dateTime(row.occurred_at)],
    [t("who"), who],
    [t("visit_id"), row.visit_id],
    [t("version"), row.version],
    [t("command"), row.command_id],
    [t("trace"), row.trace_id],
    [t("chain"), `${row.partition} · ${row.chain_seq}`],
    [t("hash"), row.hash],
  ] as const;
  return (
    <Dialog title={title} isOpen isWide onClose={onClose}>
      <dl className="admin-facts">
        {facts
          .filter(([, value]) => value !== undefined && value !== "")
          .map(([name, value]) => (
            <div key={name} className="admin-fact">
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
      </dl>
      <strong>{t("facts")}</strong>
      <Json label={t("facts")} text={JSON.stringify(row.facts, null, 2)} />
      {row.detail !== undefined && (
        <>
          <strong>{t("detail")}</strong>
          <Json label={t("detail")} text={JSON.stringify(row.detail, null, 2)} />
        </>
      )}
    </Dialog>
  );
}
