import { useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTexts } from "../../../i18n/texts";
import { useIntent } from "../../../intent/useIntent";
import { adminTexts } from "../../../texts/admin";
import { commonTexts } from "../../../texts/common";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { TextInput } from "../../../ui/Field";
import { Dialog } from "../../../ui/staff/Dialog";
import { Check } from "../parts/Check";
import { useAllRooms, type Department, type Room } from "../parts/data";
import { Whole } from "./DepartmentForm";
import { isCode, roomBody, type RoomBody } from "./settings";

interface Props {
  department: Department;
  /** Null makes a new one. */
  room: Room | null;
  onClose: () => void;
  onSaved: (text: string) => void;
}

const NEW: RoomBody = { code: "", name: "", open: true, capacity: 1 };

/** All settings of a room. */
export function RoomForm({ department, room, onClose, onSaved }: Props) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const client = useQueryClient();
  const rooms = useAllRooms();
  const [body, setBody] = useState(() => (room === null ? NEW : roomBody(room)));
  const [isChecked, setIsChecked] = useState(false);
  const save = useIntent();
  const isConflict = save.error?.code === "version_conflict";
  const capacity = body.capacity;
  const complaints = {
    code: isCode(body.code) ? null : t("code_wrong"),
    name: body.name.trim() === "" ? t("name_missing") : null,
    capacity: capacity >= 1 && capacity <= 1000 ? null : t("number_wrong"),
  };

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setIsChecked(true);
    if (Object.values(complaints).some((one) => one !== null)) return;
    const { expected_version: seen, ...settings } = body;
    const version = isConflict ? rooms.data?.find((one) => one.room_id === room?.room_id)?.version : seen;
    const write =
      room === null
        ? ({
            method: "POST",
            path: "/api/v1/rooms",
            body: { ...settings, department_id: department.department_id },
          } as const)
        : ({
            method: "PUT",
            path: `/api/v1/rooms/${room.room_id}`,
            body: { ...settings, expected_version: version },
          } as const);
    const done = await save.run(write);
    if (done !== null) onSaved(t("room_saved", { name: body.name }));
    else await client.invalidateQueries({ queryKey: ["rooms"] });
  }

  return (
    <Dialog
      title={`${t(room === null ? "add_room" : "edit_room")} · ${department.name}`}
      isOpen
      onClose={onClose}
    >
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <TextInput
          label={t("code")}
          hint={t("room_code_hint")}
          value={body.code}
          maxLength={6}
          dir="ltr"
          autoFocus
          complaint={isChecked ? complaints.code : null}
          onChange={(event) => setBody({ ...body, code: event.target.value.toUpperCase() })}
        />
        <TextInput
          label={t("name")}
          value={body.name}
          maxLength={80}
          complaint={isChecked ? complaints.name : null}
          onChange={(event) => setBody({ ...body, name: event.target.value })}
        />
        <Whole
          label={t("capacity")}
          value={body.capacity}
          complaint={isChecked ? complaints.capacity : null}
          onChange={(count) => setBody({ ...body, capacity: count })}
        />
        <Check label={t("room_open")} isOn={body.open} onChange={(open) => setBody({ ...body, open })} />
        <ErrorText error={save.error} />
        <div className="row">
          <Button kind="primary" type="submit" isBusy={save.isPending}>
            {t(isConflict ? "save_over" : "save_room")}
          </Button>
          <Button onClick={onClose}>{common("cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
