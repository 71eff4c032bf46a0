import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { failureOf } from "../../api/problem";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Settings } from "./Settings";
import { boardSettings, keepSettings, type BoardSettings } from "./settings";
import { Wall } from "./Wall";
import "./board.css";

/** The television of a waiting room: who is called, and where to. */
export default function Board() {
  const [settings, setSettings] = useState(boardSettings);
  const [isEditing, setEditing] = useState(false);
  const departments = useQuery({
    queryKey: ["departments"],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/departments", { params: { query: { limit: 200 } } }))).items,
    // A television that wakes before the server waits for it.
    retry: true,
    retryDelay: 3_000,
  });
  if (departments.error !== null) return <ErrorText error={failureOf(departments.error)} />;
  if (departments.data === undefined) return <Loading />;
  const all = departments.data;
  const shown = settings?.departments.flatMap((id) => all.filter((one) => one.department_id === id)) ?? [];
  const only = all.length === 1 ? all : [];
  const chosen = shown.length > 0 ? shown : only;
  if (isEditing || chosen.length === 0) {
    return (
      <Settings
        departments={all}
        settings={settings}
        onDone={(next: BoardSettings) => {
          keepSettings(next);
          setSettings(next);
          setEditing(false);
        }}
      />
    );
  }
  return <Wall departments={chosen} languages={settings?.languages ?? []} onEdit={() => setEditing(true)} />;
}
