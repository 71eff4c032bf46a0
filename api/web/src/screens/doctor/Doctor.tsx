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
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Select } from "../../ui/staff/Select";
import { granted } from "../clinical/granted";
import { Availability } from "./Availability";
import { CallNext } from "./CallNext";
import { Held } from "./Held";
import { Leftovers } from "./Leftovers";
import { Line } from "./Line";
import { inHand, waitingFor } from "./mine";
import { Patient } from "./Patient";
import { RoomChoice, useRoom } from "./RoomChoice";
import { UndoBar } from "./UndoBar";
import { useDrafts } from "./useDrafts";
import { useUndo } from "./useUndo";
import "./doctor.css";

/** A doctor's work: one patient after the other. */
export default function Doctor() {
  const t = useTexts(doctorTexts);
  const departments = useDepartments();
  const claims = useSession().who?.claims;
  if (departments.error !== null) return <ErrorText error={failureOf(departments.error)} />;
  if (departments.data === undefined || claims === undefined) return <Loading />;
  const own = granted(departments.data, claims);
  const [first] = own;
  if (first !== undefined) return <Work departments={own} first={first} me={claims.sub} />;
  return (
    <main id="content" className="page">
      <p className="notice">{t("no_department")}</p>
    </main>
  );
}

function Work({
  departments,
  first,
  me,
}: {
  departments: readonly Department[];
  first: Department;
  me: string;
}) {
  const t = useTexts(doctorTexts);
  const common = useTexts(commonTexts);
  const [chosen, choose] = useChosenDepartment(departments);
  const id = (chosen ?? first).department_id;
  const queue = useQueue(id);
  const doctors = useDoctors(id);
  const [room, setRoom] = useRoom(id);
  const [drafts, setDraft] = useDrafts(me);
  const undo = useUndo(queue.refresh, setDraft);
  const doctor = doctors.data?.find((one) => one.doctor_id === me);
  const { current, held } = inHand(queue.items, me);
  const isKnown = !queue.isPending && queue.error === null;

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
            value={id}
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
      {doctor !== undefined && doctor.status !== "AVAILABLE" && (
        <p className="notice" data-tone="warn">
          {t("set_available")}
        </p>
      )}
      <UndoBar undo={undo} />
      <div className="doctor-columns">
        <div className="stack">
          {isKnown && (
            <Leftovers
              drafts={drafts}
              inHand={[current, ...held].flatMap((item) => (item === null ? [] : [item.visit_id]))}
              onDiscard={(visit) => setDraft(visit, null)}
            />
          )}
          {current !== null && (
            <Patient
              key={current.visit_id}
              item={current}
              undo={undo}
              draft={drafts[current.visit_id] ?? null}
              onDraft={(draft) => setDraft(current.visit_id, draft)}
              onSettled={queue.refresh}
            />
          )}
          {current === null && isKnown && (
            <CallNext
              department={id}
              room={room}
              next={waitingFor(queue.items, me)[0]}
              undo={undo}
              onSettled={queue.refresh}
            />
          )}
          <Held items={held} undo={undo} onSettled={queue.refresh} />
        </div>
        <Line queue={queue} me={me} undo={undo} room={room} canCall={current === null && isKnown} />
      </div>
    </main>
  );
}
