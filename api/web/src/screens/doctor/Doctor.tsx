import { failureOf } from "../../api/problem";
import {
  useChosenDepartment,
  useDepartments,
  useDoctors,
  type Department,
} from "../../hospital/useDepartments";
import { useQueue } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useSession } from "../../session/useSession";
import { commonTexts } from "../../texts/common";
import { doctorTexts } from "../../texts/doctor";
import { LiveBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Select } from "../../ui/staff/Select";
import { Availability } from "./Availability";
import { Line } from "./Line";
import { Patient } from "./Patient";
import { RoomChoice, useRoom } from "./RoomChoice";
import { useDoing } from "./useDoing";
import { UndoBar } from "./UndoBar";
import "./doctor.css";

/** A doctor's work: one patient after the other. */
export default function Doctor() {
  const departments = useDepartments();
  if (departments.error !== null) return <ErrorText error={failureOf(departments.error)} />;
  if (departments.data === undefined) return <Loading />;
  return <Work departments={departments.data} />;
}

function Work({ departments }: { departments: readonly Department[] }) {
  const t = useTexts(doctorTexts);
  const common = useTexts(commonTexts);
  const me = useSession().who?.claims.sub ?? "";
  const [department, choose] = useChosenDepartment(departments);
  const id = department?.department_id ?? null;
  const queue = useQueue(id);
  const doctors = useDoctors(id);
  const [room, setRoom] = useRoom(id);
  const doing = useDoing(queue.refresh);
  const doctor = doctors.data?.find((one) => one.doctor_id === me);
  const mine = queue.items.filter((item) => item.doctor_id === me);
  const current =
    mine.find((item) => item.state === "IN_CONSULTATION") ??
    mine.find((item) => item.state === "CALLED") ??
    null;
  const held = mine.filter((item) => item.state === "ON_HOLD");
  if (department === null) return null;

  const callNext = () =>
    doing.run("did_call", {
      method: "POST",
      path: `/api/v1/departments/${department.department_id}/call-next`,
      body: room === null ? {} : { room_id: room },
    });

  return (
    <main id="content" className="page doctor">
      <div className="doctor-head">
        <h1>{t("title")}</h1>
        {departments.length > 1 && (
          <Select
            label={common("department")}
            isLabelHidden
            options={departments.map((one) => ({
              id: one.department_id,
              label: `${one.code} · ${one.name}`,
            }))}
            value={department.department_id}
            onChange={choose}
          />
        )}
        <RoomChoice department={id} room={room} onChange={setRoom} />
        {doctor !== undefined && <Availability doctor={doctor} />}
        <LiveBadge status={queue.status} />
      </div>
      {doctors.data !== undefined && doctor === undefined && (
        <p className="notice" data-tone="warn">
          {t("no_doctor")}
        </p>
      )}
      <div className="doctor-columns">
        <div className="stack">
          <ErrorText error={doing.error} />
          {current === null ? (
            <section className="card stack doctor-nobody">
              <h2>{t("nobody")}</h2>
              <p className="muted">{t("nobody_text")}</p>
              <Button kind="primary" size="big" wide isBusy={doing.isPending} onClick={() => void callNext()}>
                {t("call_next")}
              </Button>
            </section>
          ) : (
            <Patient key={current.visit_id} item={current} doing={doing} department={department} />
          )}
          {held.map((item) => (
            <Button key={item.visit_id} size="big" onClick={() => void doing.on(item, "resume", "did_other")}>
              {t("resume", { token: item.token ?? "" })}
            </Button>
          ))}
          <UndoBar doing={doing} />
        </div>
        <Line queue={queue} me={me} doing={doing} room={room} canCall={current === null} />
      </div>
    </main>
  );
}
