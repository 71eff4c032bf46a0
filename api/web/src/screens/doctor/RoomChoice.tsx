import { useState } from "react";
import { useRooms } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { recall, remember } from "../../intent/memory";
import { doctorTexts } from "../../texts/doctor";
import { Select } from "../../ui/staff/Select";

const name = (department: string | null) => `medique.room.${department ?? ""}`;

/** The room that a doctor calls to, remembered on the device; null for the first free one. */
export function useRoom(department: string | null): [string | null, (room: string | null) => void] {
  const [rooms, setRooms] = useState<Readonly<Record<string, string | null>>>({});
  const key = name(department);
  const room = key in rooms ? (rooms[key] ?? null) : recall<string>("local", key);
  function choose(next: string | null): void {
    remember("local", key, next);
    setRooms((now) => ({ ...now, [key]: next }));
  }
  return [room, choose];
}

interface Props {
  department: string | null;
  room: string | null;
  onChange: (room: string | null) => void;
}

export function RoomChoice({ department, room, onChange }: Props) {
  const t = useTexts(doctorTexts);
  const rooms = useRooms(department);
  const open = rooms.data?.filter((one) => one.open) ?? [];
  return (
    <Select
      label={t("room")}
      isLabelHidden
      options={[
        { id: "", label: t("room_auto") },
        ...open.map((one) => ({ id: one.room_id, label: `${one.code} · ${one.name}` })),
      ]}
      value={open.some((one) => one.room_id === room) ? room : ""}
      onChange={(id) => onChange(id === "" ? null : id)}
    />
  );
}
