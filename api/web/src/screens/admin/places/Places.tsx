import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { adminTexts } from "../../../texts/admin";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextInput } from "../../../ui/Field";
import { Empty, Loading } from "../../../ui/states";
import {
  useAllDoctors,
  useAllRooms,
  useDepartments,
  type Department,
  type Doctor,
  type Room,
} from "../parts/data";
import { PageHead, ReadError, Said } from "../parts/Page";
import { DepartmentForm } from "./DepartmentForm";
import { Doctors } from "./Doctors";
import { RoomForm } from "./RoomForm";
import { departmentBody, roomBody } from "./settings";

type Open = { what: "department"; of: Department | null } | { what: "room"; of: Room | null; in: Department };

/** Departments, their rooms, and their doctors. */
export default function Places() {
  const t = useTexts(adminTexts);
  const client = useQueryClient();
  const departments = useDepartments();
  const rooms = useAllRooms();
  const doctors = useAllDoctors();
  const [open, setOpen] = useState<Open | null>(null);
  const [said, setSaid] = useState("");
  const [search, setSearch] = useState("");
  if (departments.isPending) return <Loading />;
  const all = departments.data ?? [];
  const wanted = search.trim().toLocaleLowerCase();
  const shown = all.filter((one) => `${one.code} ${one.name}`.toLocaleLowerCase().includes(wanted));

  function saved(text: string): void {
    setOpen(null);
    setSaid(text);
    void client.invalidateQueries({ queryKey: ["departments"] });
    void client.invalidateQueries({ queryKey: ["rooms"] });
  }

  return (
    <>
      <PageHead title={t("nav_places")} lead={t("places_lead")}>
        <Button kind="primary" onClick={() => setOpen({ what: "department", of: null })}>
          {t("add_department")}
        </Button>
      </PageHead>
      <Said>{said}</Said>
      <ReadError error={departments.error ?? rooms.error} again={() => saved("")} />
      {all.length > 6 && (
        <div className="admin-toolbar">
          <TextInput
            type="search"
            label={t("search")}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
      )}
      {departments.isSuccess && all.length === 0 && (
        <Empty title={t("no_departments")}>{t("first_departments_text")}</Empty>
      )}
      <div className="admin-places">
        {shown.map((department) => (
          <DepartmentCard
            key={department.department_id}
            department={department}
            rooms={rooms.data?.filter((room) => room.department_id === department.department_id) ?? []}
            doctors={
              doctors.data?.filter((doctor) => doctor.departments.includes(department.department_id)) ?? []
            }
            onEdit={() => setOpen({ what: "department", of: department })}
            onRoom={(room) => setOpen({ what: "room", of: room, in: department })}
            onSaved={saved}
          />
        ))}
      </div>
      {open?.what === "department" && (
        <DepartmentForm department={open.of} onClose={() => setOpen(null)} onSaved={saved} />
      )}
      {open?.what === "room" && (
        <RoomForm department={open.in} room={open.of} onClose={() => setOpen(null)} onSaved={saved} />
      )}
    </>
  );
}

interface CardProps {
  department: Department;
  rooms: readonly Room[];
  doctors: readonly Doctor[];
  onEdit: () => void;
  onRoom: (room: Room | null) => void;
  onSaved: (text: string) => void;
}

function DepartmentCard({ department, rooms, doctors, onEdit, onRoom, onSaved }: CardProps) {
  const t = useTexts(adminTexts);
  const toggle = useIntent();
  async function turn(): Promise<void> {
    const body = { ...departmentBody(department), open: !department.open };
    const done = await toggle.run({
      method: "PUT",
      path: `/api/v1/departments/${department.department_id}`,
      body,
    });
    if (done !== null)
      onSaved(t(body.open ? "department_opened" : "department_closed", { name: department.name }));
  }
  return (
    <section
      className="card stack admin-place"
      data-closed={department.open ? undefined : ""}
      aria-label={department.name}
    >
      <div className="row spread">
        <h2 className="row">
          <span className="token">{department.code}</span>
          <bdi>{department.name}</bdi>
        </h2>
        <span className="badge" data-tone={department.open ? "good" : "warn"}>
          {t(department.open ? "open" : "closed")}
        </span>
      </div>
      <dl className="admin-facts">
        <dt>{t("targets")}</dt>
        <dd>{t("targets_short", { list: department.target_minutes.join(" · ") })}</dd>
        <dt>{t("triage_policy")}</dt>
        <dd>{t(`policy_${department.triage_policy}`)}</dd>
      </dl>
      <div className="row">
        <Button size="small" onClick={onEdit}>
          {t("edit")}
        </Button>
        <Button size="small" isBusy={toggle.isPending} onClick={() => void turn()}>
          {t(department.open ? "close_department" : "open_department")}
        </Button>
      </div>
      <ErrorText error={toggle.error} />
      <div className="row spread">
        <h3>{t("rooms")}</h3>
        <Button size="small" kind="quiet" onClick={() => onRoom(null)}>
          {t("add_room")}
        </Button>
      </div>
      {rooms.length === 0 && <p className="muted small">{t("no_rooms")}</p>}
      <ul className="admin-rooms">
        {rooms.map((room) => (
          <RoomLine key={room.room_id} room={room} onEdit={() => onRoom(room)} onSaved={onSaved} />
        ))}
      </ul>
      {doctors.length > 0 && <Doctors doctors={doctors} />}
    </section>
  );
}

interface RoomProps {
  room: Room;
  onEdit: () => void;
  onSaved: (text: string) => void;
}

function RoomLine({ room, onEdit, onSaved }: RoomProps) {
  const t = useTexts(adminTexts);
  const toggle = useIntent();
  async function turn(): Promise<void> {
    const body = { ...roomBody(room), open: !room.open };
    const done = await toggle.run({ method: "PUT", path: `/api/v1/rooms/${room.room_id}`, body });
    if (done !== null) onSaved(t(body.open ? "room_opened" : "room_closed", { name: room.name }));
  }
  return (
    <li>
      <span className="token">{room.code}</span>
      <bdi className="admin-grow">{room.name}</bdi>
      {room.capacity > 1 && (
        <span className="muted small">{t("capacity_short", { count: room.capacity })}</span>
      )}
      <span className="badge" data-tone={room.open ? "good" : "warn"}>
        {t(room.open ? "open" : "closed")}
      </span>
      <Button size="small" kind="quiet" aria-label={`${t("edit")}: ${room.name}`} onClick={onEdit}>
        {t("edit")}
      </Button>
      <Button
        size="small"
        kind="quiet"
        aria-label={`${t(room.open ? "close_it" : "open_it")}: ${room.name}`}
        isBusy={toggle.isPending}
        onClick={() => void turn()}
      >
        {t(room.open ? "close_it" : "open_it")}
      </Button>
      <ErrorText error={toggle.error} />
    </li>
  );
}
