import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Room } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { adminTexts } from "../../texts/admin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Dialog } from "../../ui/staff/Dialog";
import { Check } from "./parts";

interface Props {
  room: Room | null;
  department: string;
  onClose: () => void;
}

export function RoomDialog({ room, department, onClose }: Props) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const client = useQueryClient();
  const intent = useIntent();
  const [code, setCode] = useState(room?.code ?? "");
  const [name, setName] = useState(room?.name ?? "");
  const [capacity, setCapacity] = useState(String(room?.capacity ?? 1));
  const [open, setOpen] = useState(room?.open ?? true);

  async function save(): Promise<void> {
    const body = { code: code.trim(), name: name.trim(), capacity: Math.max(1, Number(capacity) || 1), open };
    const answer = await intent.run(
      room === null
        ? { method: "POST", path: "/api/v1/rooms", body: { ...body, department_id: department } }
        : {
            method: "PUT",
            path: `/api/v1/rooms/${room.room_id}`,
            body: { ...body, expected_version: room.version },
          },
    );
    await client.invalidateQueries({ queryKey: ["rooms"] });
    if (answer !== null) onClose();
  }

  return (
    <Dialog title={room?.name ?? t("add_room")} isOpen onClose={onClose}>
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
          label={t("capacity")}
          inputMode="numeric"
          maxLength={2}
          value={capacity}
          onChange={(event) => setCapacity(event.target.value)}
        />
        <Check label={t("open")} isOn={open} onChange={setOpen} />
        <ErrorText error={intent.error} />
        <Button type="submit" kind="primary" isBusy={intent.isPending}>
          {common("save")}
        </Button>
      </form>
    </Dialog>
  );
}
