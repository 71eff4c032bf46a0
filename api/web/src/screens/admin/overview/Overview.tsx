import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTexts } from "../../../i18n/texts";
import { useLive } from "../../../live/useLive";
import { adminTexts } from "../../../texts/admin";
import { figuresTexts } from "../../../texts/figures";
import { useNow } from "../../../time/times";
import { Loading } from "../../../ui/states";
import { useAllDoctors, useDepartments, type Department } from "../parts/data";
import { PageHead, ReadError, Tile } from "../parts/Page";
import { FirstSteps } from "./FirstSteps";
import { glance, type Glance } from "./hall";
import { HallCard } from "./HallCard";
import { LevelsChart, TargetsChart, ThroughputChart, WaitsChart } from "./LiveCharts";
import { useTurns } from "./turns";
import { useHalls, type Halls } from "./useHalls";

/** All departments as they are now. */
export default function Overview() {
  const departments = useDepartments();
  if (departments.isPending) return <Loading />;
  if (departments.data === undefined) {
    return <ReadError error={departments.error} again={() => void departments.refetch()} />;
  }
  return departments.data.length === 0 ? <FirstSteps /> : <LiveOverview departments={departments.data} />;
}

/** A department with what is known of it. */
export interface Seen {
  department: Department;
  glance: Glance;
}

function LiveOverview({ departments }: { departments: readonly Department[] }) {
  const t = useTexts(adminTexts);
  const figures = useTexts(figuresTexts);
  const halls = useHalls();
  const hasTurn = useTurns(departments.length);
  const now = useNow(5_000);
  const doctors = useAllDoctors();
  const seen = departments.map((department): Seen => {
    const places = halls.known.get(department.department_id)?.places ?? [];
    return { department, glance: glance(places, department.target_minutes, now) };
  });
  const sum = (of: (one: Glance) => number) => seen.reduce((total, one) => total + of(one.glance), 0);
  const longest = Math.max(0, ...seen.map((one) => one.glance.longestMin));
  const available = doctors.data?.filter((doctor) => doctor.status === "AVAILABLE").length;
  const isAllRead = departments.every((one) => halls.known.get(one.department_id)?.status.freshAt != null);
  return (
    <>
      {departments.map(
        (one, index) =>
          hasTurn(index) && <Feed key={one.department_id} department={one.department_id} halls={halls} />,
      )}
      <PageHead title={t("nav_overview")} lead={t("overview_lead")} />
      <FirstSteps isBrief />
      <dl className="admin-tiles" aria-busy={!isAllRead}>
        <Tile label={figures("waiting")} value={sum((one) => one.waiting)} />
        <Tile label={figures("longest_wait")} value={figures("minutes", { count: Math.round(longest) })} />
        <Tile
          label={figures("past_target")}
          value={sum((one) => one.pastTarget)}
          {...(sum((one) => one.pastTarget) > 0 ? { tone: "danger" } : {})}
        />
        <Tile label={figures("called")} value={sum((one) => one.called)} />
        <Tile label={figures("in_consultation")} value={sum((one) => one.inConsultation)} />
        <Tile
          label={figures("doctors_available")}
          value={available ?? "–"}
          detail={figures("of_all", { count: doctors.data?.length ?? 0 })}
        />
      </dl>
      <div className="admin-charts">
        <LevelsChart seen={seen} />
        <TargetsChart seen={seen} />
        <ThroughputChart happenings={halls.happenings} now={now} since={halls.since} />
        <WaitsChart happenings={halls.happenings} now={now} since={halls.since} />
      </div>
      <h2>{figures("departments")}</h2>
      <ul className="admin-halls">
        {seen.map((one) => (
          <li key={one.department.department_id}>
            <HallCard seen={one} known={halls.known.get(one.department.department_id)} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Follows one department; draws nothing. */
function Feed({ department, halls }: { department: string; halls: Halls }) {
  const client = useQueryClient();
  const { say, take } = halls;
  const status = useLive(`/api/v1/departments/${department}/events`, (event) => {
    take(department, event);
    if (event.name.startsWith("doctor_")) void client.invalidateQueries({ queryKey: ["doctors"] });
    if (event.name.startsWith("room_")) void client.invalidateQueries({ queryKey: ["rooms"] });
    if (event.name.startsWith("department_")) void client.invalidateQueries({ queryKey: ["departments"] });
  });
  const { state, freshAt } = status;
  useEffect(() => {
    if (state === "connecting" && freshAt === null) return;
    say(department, { state, freshAt });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it only tells of news
  }, [department, state, freshAt]);
  useEffect(() => {
    // Between two turns it is as fresh as it was.
    return () => say(department, { state: "degraded", freshAt: null });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it tells of the end alone
  }, [department]);
  return null;
}
