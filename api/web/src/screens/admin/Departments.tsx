import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useRooms, type Department, type Room } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { adminTexts } from "../../texts/admin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";
import type { PartProps } from "./Admin";
import { Check } from "./parts";
import { RoomDialog } from "./RoomDialog";

/** Departments with their rooms. */
export function Departments({ departments }: PartProps) {
  const t = useTexts(adminTexts);
  const [edited, setEdited] = useState<Department | "new" | null>(null);
  return (
    <>
      <div>
        <Button kind="primary" onClick={() => setEdited("new")}>
          {t("add_department")}
        </Button>
      </div>
      <div className="admin-cards">
        {departments.map((one) => (
          <Card key={one.department_id} department={one} onEdit={() => setEdited(one)} />
        ))}
      </div>
      {edited !== null && (
        <DepartmentDialog department={edited === "new" ? null : edited} onClose={() => setEdited(null)} />
      )}
    </>
  );
}

function Card({ department, onEdit }: { department: Department; onEdit: () => void }) {
  const t = useTexts(adminTexts);
  const rooms = useRooms(department.department_id);
  const [edited, setEdited] = useState<Room | "new" | null>(null);
  return (
    <section className="card stack">
      <div className="row spread">
        <h2>
          <span className="token">{department.code}</span> <bdi>{department.name}</bdi>
        </h2>
        <span className="badge" data-tone={department.open ? "good" : "warn"}>
          {department.open ? t("open") : t("closed")}
        </span>
      </div>
      <p className="muted small">
        {t("targets")}: {department.target_minutes.join(" · ")}
      </p>
      <ul className="row">
        {rooms.data?.map((room) => (
          <li key={room.room_id}>
            <Button size="small" onClick={() => setEdited(room)}>
              <span className="token">{room.code}</span> <bdi>{room.name}</bdi>
              {!room.open && <span className="badge">{t("closed")}</span>}
            </Button>
          </li>
        ))}
      </ul>
      <div className="row">
        <Button onClick={onEdit}>
          {t("edit")} <span className="visually-hidden">{department.code}</span>
        </Button>
        <Button kind="quiet" onClick={() => setEdited("new")}>
          {t("add_room")}
        </Button>
      </div>
      {edited !== null && (
        <RoomDialog
          room={edited === "new" ? null : edited}
          department={department.department_id}
          onClose={() => setEdited(null)}
        />
      )}
    </section>
  );
}

/** Five numbers that do not fall; null when they are none. */
export function targetsOf(text: string): number[] | null {
  const parts = text
    .trim()
    .split(/[^\d]+/)
    .map(Number);
  const isRising = parts.every((part, index) => index === 0 || part >= (parts[index - 1] ?? 0));
  return parts.length === 5 && isRising ? parts : null;
}

function DepartmentDialog({ department, onClose }: { department: Department | null; onClose: () => void }) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const client = useQueryClient();
  const intent = useIntent();
  const [code, setCode] = useState(department?.code ?? "");
  const [name, setName] = useState(department?.name ?? "");
  const [targets, setTargets] = useState((department?.target_minutes ?? [0, 10, 60, 120, 240]).join(" "));
  const [open, setOpen] = useState(department?.open ?? true);
  const [exempt, setExempt] = useState(department?.exempt_from_day_close ?? false);
  const minutes = targetsOf(targets);

  async function save(): Promise<void> {
    if (minutes === null) return;
    const changed = {
      code: code.trim(),
      name: name.trim(),
      open,
      exempt_from_day_close: exempt,
      target_minutes: minutes,
    };
    const answer = await intent.run(
      department === null
        ? { method: "POST", path: "/api/v1/departments", body: changed }
        : {
            method: "PUT",
            path: `/api/v1/departments/${department.department_id}`,
            body: { ...kept(department), ...changed },
          },
    );
    await client.invalidateQueries({ queryKey: ["departments"] });
    if (answer !== null) onClose();
  }

  return (
    <Dialog title={department?.name ?? t("add_department")} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput
          label={t("code")}
          required
          maxLength={6}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <TextInput
          label={t("name")}
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextInput
          label={t("targets")}
          dir="ltr"
          value={targets}
          onChange={(event) => setTargets(event.target.value)}
          complaint={minutes === null ? t("targets_wrong") : null}
        />
        <Check label={t("open")} isOn={open} onChange={setOpen} />
        <Check label={t("around_clock")} isOn={exempt} onChange={setExempt} />
        <ErrorText error={intent.error} />
        <Button type="submit" kind="primary" isBusy={intent.isPending} isDisabled={minutes === null}>
          {common("save")}
        </Button>
      </form>
    </Dialog>
  );
}

/** What the form does not show stays as it is; a change of somebody else in between is refused. */
function kept(department: Department) {
  const { default_level, no_show_grace_s, no_show_recalls, return_place, transfer_place, triage_policy } =
    department;
  return {
    ...{ default_level, no_show_grace_s, no_show_recalls, return_place, transfer_place, triage_policy },
    expected_version: department.version,
  };
}
