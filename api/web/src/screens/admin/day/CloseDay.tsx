import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../../api/client";
import { useFacility } from "../../../app/Staff";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { adminTexts } from "../../../texts/admin";
import { dayTexts } from "../../../texts/day";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { StateBadge } from "../../../ui/badges";
import { Empty } from "../../../ui/states";
import { ConfirmButton } from "../parts/ConfirmButton";
import { everyPage, useDepartments } from "../parts/data";
import { PageHead, Said, Tile } from "../parts/Page";
import { DataTable, type Column } from "../parts/Table";

type DayClose = Schemas["DayClose"];
type Item = Schemas["QueueItem"];
const STATES = "SCANNED,WAITING,URGENT,CALLED,IN_CONSULTATION,ON_HOLD";

interface Tried {
  close: DayClose;
  at: number;
}

/** Ends the day: first what would happen, then, after a look at it, what does. */
export default function CloseDay() {
  const t = useTexts(dayTexts);
  const admin = useTexts(adminTexts);
  const times = useTimes();
  const facility = useFacility();
  const rehearse = useIntent();
  const close = useIntent();
  const [tried, setTried] = useState<Tried | null>(null);
  const [done, setDone] = useState<DayClose | null>(null);
  const path =
    facility.data === undefined ? null : `/api/v1/facilities/${facility.data.facility_id}/close-day`;

  async function run(isDry: boolean): Promise<void> {
    if (path === null) return;
    const write = { method: "POST", path, body: { dry_run: isDry } } as const;
    const found = (await (isDry ? rehearse : close).run(write))?.result?.day_close;
    if (found === undefined) return;
    if (isDry) {
      setDone(null);
      setTried({ close: found, at: Date.now() });
    } else {
      setDone(found);
      setTried(null);
    }
  }

  return (
    <>
      <PageHead title={admin("nav_day")} lead={t("lead")}>
        <Button
          kind={tried === null ? "primary" : "plain"}
          isBusy={rehearse.isPending}
          isDisabled={path === null}
          onClick={() => void run(true)}
        >
          {t(tried === null ? "rehearse" : "rehearse_again")}
        </Button>
      </PageHead>
      <ErrorText error={rehearse.error ?? close.error} />
      <Said>{done === null ? "" : t("done", { count: done.expired.length, day: done.service_day })}</Said>
      {tried === null && done === null && <Empty title={t("step_one")}>{t("step_one_text")}</Empty>}
      {tried !== null && (
        <>
          <p className="notice">
            {t("rehearsed", { time: times.clock(tried.at), day: tried.close.service_day })}
          </p>
          <dl className="admin-tiles">
            <Tile label={t("would_expire")} value={tried.close.expired.length} />
            <Tile label={t("left_alone")} value={tried.close.in_consultation.length} />
          </dl>
          <section className="card stack">
            <h2>{t("step_two")}</h2>
            <p>{t("step_two_text")}</p>
            <div>
              <ConfirmButton
                size="normal"
                question={t("close_question", { count: tried.close.expired.length })}
                action={t("close_now")}
                isBusy={close.isPending}
                onConfirm={() => void run(false)}
              >
                {t("close_now")}
              </ConfirmButton>
            </div>
          </section>
          <Affected close={tried.close} />
        </>
      )}
    </>
  );
}

interface Line {
  id: string;
  item: Item | undefined;
  department: string;
  isLeftAlone: boolean;
}

/** Whom it concerns: the api names visits, the queues tell who they are. */
function Affected({ close }: { close: DayClose }) {
  const t = useTexts(dayTexts);
  const times = useTimes();
  const departments = useDepartments();
  const queues = useQueries({
    queries: (departments.data ?? []).map((department) => ({
      queryKey: ["day-close-queue", department.department_id],
      staleTime: 0,
      queryFn: () =>
        everyPage((asked) => {
          const query = { ...asked, state: STATES };
          const path = { department_id: department.department_id };
          return answer(api.GET("/api/v1/departments/{department_id}/queue", { params: { path, query } }));
        }),
    })),
  });
  const found = new Map<string, { item: Item; department: string }>();
  queues.forEach((queue, index) => {
    for (const item of queue.data ?? [])
      found.set(item.visit_id, { item, department: departments.data?.[index]?.name ?? "" });
  });
  const byToken = (a: Line, b: Line) =>
    a.department.localeCompare(b.department) || (a.item?.token ?? "").localeCompare(b.item?.token ?? "");
  const line = (id: string, isLeftAlone: boolean): Line => ({
    id,
    item: found.get(id)?.item,
    department: found.get(id)?.department ?? "",
    isLeftAlone,
  });
  const lines = [
    ...close.in_consultation.map((id) => line(id, true)).sort(byToken),
    ...close.expired.map((id) => line(id, false)).sort(byToken),
  ];
  const columns: Column<Line>[] = [
    {
      id: "token",
      head: t("token"),
      isName: true,
      cell: ({ item }) => <span className="token">{item?.token ?? "–"}</span>,
    },
    { id: "department", head: t("department"), cell: (one) => <bdi>{one.department}</bdi> },
    {
      id: "state",
      head: t("state"),
      cell: ({ item }) => item !== undefined && <StateBadge state={item.state} />,
    },
    {
      id: "arrived",
      head: t("arrived"),
      cell: ({ item }) => (item === undefined ? "" : times.dateTime(item.arrived_at)),
    },
    {
      id: "what",
      head: t("what"),
      cell: ({ isLeftAlone }) => (
        <span className="badge" data-tone={isLeftAlone ? "good" : "warn"}>
          {t(isLeftAlone ? "stays" : "expires")}
        </span>
      ),
    },
  ];
  if (lines.length === 0) return <Empty title={t("nobody")}>{t("nobody_text")}</Empty>;
  return <DataTable label={t("affected")} columns={columns} rows={lines} keyOf={(one) => one.id} />;
}
