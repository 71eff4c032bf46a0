import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTexts } from "../../../i18n/texts";
import { useSession } from "../../../session/useSession";
import { adminTexts } from "../../../texts/admin";
import { staffTexts } from "../../../texts/staff";
import { Button } from "../../../ui/Button";
import { TextInput } from "../../../ui/Field";
import { Select } from "../../../ui/staff/Select";
import { Empty, Loading } from "../../../ui/states";
import { nameOf, useDepartments, useStaff, type StaffMember } from "../parts/data";
import { PageHead, ReadError, Said } from "../parts/Page";
import { DataTable, type Column } from "../parts/Table";
import { filterStaff, ROLES, STATUSES, type Filter, type StaffRole } from "./filter";
import { Invite } from "./Invite";
import { Person } from "./Person";

/** Who may do what. */
export default function Staff() {
  const t = useTexts(staffTexts);
  const admin = useTexts(adminTexts);
  const client = useQueryClient();
  const session = useSession();
  const staff = useStaff();
  const departments = useDepartments();
  const [filter, setFilter] = useState<Filter>({ search: "", role: "all", status: "all" });
  const [open, setOpen] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const shown = filterStaff(staff.items, filter);
  const person = staff.items.find((one) => one.id === open) ?? null;

  function changed(text: string, isDone = false): void {
    setSaid(text);
    if (isDone) setOpen(null);
    void client.invalidateQueries({ queryKey: ["staff"] });
    void client.invalidateQueries({ queryKey: ["staff-first"] });
  }

  const columns: Column<StaffMember>[] = [
    {
      id: "name",
      head: t("person"),
      isName: true,
      cell: (one) => (
        <span>
          <bdi>{one.name}</bdi>
          {one.id === session.who?.claims.sub && <span className="muted small"> ({t("yourself")})</span>}
          <br />
          <bdi className="muted small">{one.email}</bdi>
        </span>
      ),
    },
    { id: "role", head: t("role"), cell: (one) => t(`role_${one.role as StaffRole}`) },
    {
      id: "departments",
      head: t("departments"),
      cell: (one) =>
        one.all_departments ? (
          t("all_departments")
        ) : (
          <bdi>{one.departments.map((id) => nameOf(departments.data, id)).join(", ")}</bdi>
        ),
    },
    { id: "status", head: t("status"), cell: (one) => <StatusBadge status={one.status} /> },
    {
      id: "factor",
      head: t("second_factor"),
      cell: (one) => (
        <span className="badge" data-tone={one.second_factor ? "good" : undefined}>
          {t(one.second_factor ? "factor_on" : "factor_off")}
        </span>
      ),
    },
    {
      id: "actions",
      head: "",
      cell: (one) => (
        <div className="admin-actions">
          <Button size="small" aria-label={`${t("manage")}: ${one.name}`} onClick={() => setOpen(one.id)}>
            {t("manage")}
          </Button>
        </div>
      ),
    },
  ];

  return (
    <>
      <PageHead title={admin("nav_staff")} lead={t("lead")}>
        <Button kind="primary" onClick={() => setOpen("invite")}>
          {t("invite")}
        </Button>
      </PageHead>
      <Said>{said}</Said>
      <div className="admin-toolbar">
        <TextInput
          type="search"
          label={t("search")}
          value={filter.search}
          onChange={(event) => setFilter({ ...filter, search: event.target.value })}
        />
        <Select
          label={t("role")}
          value={filter.role}
          options={[
            { id: "all", label: t("every_role") },
            ...ROLES.map((id) => ({ id, label: t(`role_${id}`) })),
          ]}
          onChange={(role) => setFilter({ ...filter, role })}
        />
        <Select
          label={t("status")}
          value={filter.status}
          options={[
            { id: "all", label: t("every_status") },
            ...STATUSES.map((id) => ({ id, label: t(`status_${id}`) })),
          ]}
          onChange={(status) => setFilter({ ...filter, status })}
        />
        <p className="muted small" role="status">
          {t(staff.isPartial ? "shown_so_far" : "shown", { count: shown.length })}
        </p>
      </div>
      <ReadError error={staff.error} again={staff.again} />
      {staff.isPending && <Loading />}
      {!staff.isPending && shown.length === 0 && staff.error === null && <Empty title={t("nobody_found")} />}
      {shown.length > 0 && (
        <DataTable label={admin("nav_staff")} columns={columns} rows={shown} keyOf={(one) => one.id} />
      )}
      {open === "invite" && <Invite onClose={() => setOpen(null)} onDone={(text) => changed(text, true)} />}
      {person !== null && (
        <Person
          key={person.id}
          person={person}
          isOwn={person.id === session.who?.claims.sub}
          onClose={() => setOpen(null)}
          onChanged={changed}
        />
      )}
    </>
  );
}

const TONES: Readonly<Record<StaffMember["status"], string>> = {
  ACTIVE: "good",
  INVITED: "calm",
  DISABLED: "warn",
};

export function StatusBadge({ status }: { status: StaffMember["status"] }) {
  const t = useTexts(staffTexts);
  return (
    <span className="badge" data-tone={TONES[status]}>
      {t(`status_${status}`)}
    </span>
  );
}
