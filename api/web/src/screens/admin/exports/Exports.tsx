import { useRef, useState, type ReactNode } from "react";
import { answer, api } from "../../../api/client";
import { failureOf, type ApiError } from "../../../api/problem";
import { useFacility } from "../../../app/Staff";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";
import { exportsTexts } from "../../../texts/exports";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextInput } from "../../../ui/Field";
import { Check } from "../parts/Check";
import { download, toCsv } from "../parts/csv";
import { everyPage, nameOf, useDepartments } from "../parts/data";
import { PageHead } from "../parts/Page";
import { PeriodChoice, periodOf, type PeriodId } from "../parts/Period";
import { dayOf, instantOf, localOf } from "../parts/zoned";
import { qualityTable } from "../quality/table";
import { auditTable, staffTable, visitsTable, type Listed, type Table } from "./tables";

const LIVE = "SCANNED,WAITING,URGENT,CALLED,IN_CONSULTATION,ON_HOLD";
type Make = (onProgress: (count: number) => void, signal: AbortSignal) => Promise<Table>;

/** Files to keep, safe to open in a spreadsheet. */
export default function Exports() {
  const t = useTexts(exportsTexts);
  const admin = useTexts(adminTexts);
  return (
    <>
      <PageHead title={admin("nav_exports")} lead={t("lead")} />
      <div className="admin-places">
        <VisitsExport />
        <AuditExport />
        <StaffExport />
        <QualityExport />
      </div>
    </>
  );
}

function VisitsExport() {
  const t = useTexts(exportsTexts);
  const departments = useDepartments();
  const [isPersonal, setIsPersonal] = useState(false);
  const make: Make = async (onProgress, signal) => {
    const listed: Listed[] = [];
    for (const department of departments.data ?? []) {
      const path = { department_id: department.department_id };
      const items = await everyPage(
        (asked) =>
          answer(
            api.GET("/api/v1/departments/{department_id}/queue", {
              params: { path, query: { ...asked, state: LIVE } },
            }),
          ),
        (count) => onProgress(listed.length + count),
        signal,
      );
      listed.push(...items.map((item) => ({ department, item })));
      if (signal.aborted) break;
    }
    return visitsTable(listed, isPersonal);
  };
  return (
    <ExportCard name="visits" title={t("visits")} text={t("visits_text")} make={make}>
      <Check label={t("with_names")} hint={t("with_names_hint")} isOn={isPersonal} onChange={setIsPersonal} />
    </ExportCard>
  );
}

function AuditExport() {
  const t = useTexts(exportsTexts);
  const facility = useFacility();
  const zone = facility.data?.timezone ?? "UTC";
  const [from, setFrom] = useState(() => localOf(Date.now() - 86_400_000, zone));
  const [to, setTo] = useState("");
  const make: Make = async (onProgress, signal) => {
    const [begin, end] = [instantOf(from, zone), instantOf(to, zone)];
    const period = { ...(begin === null ? {} : { from: begin }), ...(end === null ? {} : { to: end }) };
    return auditTable(
      await everyPage(
        (asked) => answer(api.GET("/api/v1/audit", { params: { query: { ...asked, ...period } } })),
        onProgress,
        signal,
      ),
    );
  };
  return (
    <ExportCard name="audit" title={t("audit")} text={t("audit_text")} make={make}>
      <div className="admin-fields admin-fields-end">
        <TextInput
          type="datetime-local"
          label={t("from")}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextInput
          type="datetime-local"
          label={t("to")}
          hint={t("to_hint")}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
    </ExportCard>
  );
}

function StaffExport() {
  const t = useTexts(exportsTexts);
  const departments = useDepartments();
  const make: Make = async (onProgress, signal) => {
    const read = (query: { limit: number; cursor?: string }) =>
      answer(api.GET("/api/v1/staff", { params: { query } }));
    return staffTable(await everyPage(read, onProgress, signal), (id) => nameOf(departments.data, id));
  };
  return <ExportCard name="staff" title={t("staff")} text={t("staff_text")} make={make} />;
}

function QualityExport() {
  const t = useTexts(exportsTexts);
  const [period, setPeriod] = useState<PeriodId>("days_30");
  const make: Make = async () =>
    qualityTable(
      await answer(api.GET("/api/v1/admin/triage/quality", { params: { query: periodOf(period) } })),
    );
  return (
    <ExportCard name="triage-quality" title={t("quality")} text={t("quality_text")} make={make}>
      <PeriodChoice value={period} onChange={setPeriod} />
    </ExportCard>
  );
}

interface CardProps {
  name: string;
  title: string;
  text: string;
  make: Make;
  children?: ReactNode;
}

type State =
  | { is: "idle" }
  | { is: "running"; count: number }
  | { is: "done"; count: number }
  | { is: "failed"; error: ApiError };

/** One export: what it holds, its choices, how far it is, and how it ended. */
function ExportCard({ name, title, text, make, children }: CardProps) {
  const t = useTexts(exportsTexts);
  const facility = useFacility();
  const [state, setState] = useState<State>({ is: "idle" });
  const running = useRef<AbortController | null>(null);
  async function run(): Promise<void> {
    const control = new AbortController();
    running.current = control;
    setState({ is: "running", count: 0 });
    try {
      const table = await make((count) => setState({ is: "running", count }), control.signal);
      // Half of a file is no file.
      if (control.signal.aborted) return setState({ is: "idle" });
      download(
        `medique-${name}-${dayOf(Date.now(), facility.data?.timezone ?? "UTC")}.csv`,
        toCsv(table.head, table.rows),
      );
      setState({ is: "done", count: table.rows.length });
    } catch (thrown) {
      setState({ is: "failed", error: failureOf(thrown) });
    }
  }
  return (
    <section className="card stack" aria-label={title}>
      <h2>{title}</h2>
      <p className="muted">{text}</p>
      {children}
      <div className="row">
        <Button kind="primary" isBusy={state.is === "running"} onClick={() => void run()}>
          {t("make")}
        </Button>
        {state.is === "running" && <Button onClick={() => running.current?.abort()}>{t("stop")}</Button>}
      </div>
      <p role="status" className="small">
        {state.is === "running" && t("rows_so_far", { count: state.count })}
        {state.is === "done" && t("made", { count: state.count })}
      </p>
      <ErrorText error={state.is === "failed" ? state.error : null} />
    </section>
  );
}
