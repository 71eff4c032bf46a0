import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { recall, remember } from "../intent/memory";

export type Department = Schemas["DepartmentView"];
export type Room = Schemas["RoomView"];
export type Doctor = Schemas["DoctorView"];

const CHOSEN = "medique.department";
const PAGE = { params: { query: { limit: 200 } } } as const;

/** The departments that the caller acts in. */
export function useDepartments() {
  return useQuery({
    queryKey: ["departments"],
    queryFn: async () => (await answer(api.GET("/api/v1/departments", PAGE))).items,
  });
}

/** The rooms of a department. */
export function useRooms(department: string | null) {
  return useQuery({
    queryKey: ["rooms", department],
    enabled: department !== null,
    queryFn: async () => {
      const query = { limit: 200, department_id: department ?? "" };
      return (await answer(api.GET("/api/v1/rooms", { params: { query } }))).items;
    },
  });
}

/** The doctors of a department. */
export function useDoctors(department: string | null) {
  return useQuery({
    queryKey: ["doctors", department],
    enabled: department !== null,
    queryFn: async () => {
      const query = { limit: 200, department_id: department ?? "" };
      return (await answer(api.GET("/api/v1/doctors", { params: { query } }))).items;
    },
  });
}

/** The department that somebody works in, remembered on the device; the first one at first. */
export function useChosenDepartment(
  departments: readonly Department[],
): [Department | null, (id: string) => void] {
  const [id, setId] = useState(() => recall<string>("local", CHOSEN));
  const chosen = departments.find((one) => one.department_id === id) ?? departments[0] ?? null;
  function choose(next: string): void {
    remember("local", CHOSEN, next);
    setId(next);
  }
  return [chosen, choose];
}
