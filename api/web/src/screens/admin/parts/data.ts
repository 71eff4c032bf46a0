import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { answer, api, type Schemas } from "../../../api/client";

export type Department = Schemas["DepartmentView"];
export type Room = Schemas["RoomView"];
export type Doctor = Schemas["DoctorView"];
export type StaffMember = Schemas["StaffView"];
export type CheckInLink = Schemas["LinkView"];

/** As many as the api gives on a page. */
const PAGE = 200;

/** Part of a list; the cursor says where to go on. */
export interface Part<T> {
  items: T[];
  next_cursor?: string;
}

interface Asked {
  limit: number;
  cursor?: string;
}

/** Every page of a list, one after the other. `onProgress` hears how many there are so far. */
export async function everyPage<T>(
  read: (asked: Asked) => Promise<Part<T>>,
  onProgress: (count: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await read({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    onProgress(items.length);
    cursor = page.next_cursor;
    if (cursor === undefined || signal?.aborted === true) return items;
  }
}

export interface Pages<T> {
  items: readonly T[];
  isPending: boolean;
  /** Whether more pages are on their way or wanted. */
  isPartial: boolean;
  isFetchingMore: boolean;
  error: Error | null;
  more: () => void;
  again: () => void;
}

/** A list page by page; with `isWhole` it reads on by itself to the end, so that all of it can be searched. */
export function usePages<T>(
  queryKey: readonly unknown[],
  read: (asked: Asked) => Promise<Part<T>>,
  isWhole = false,
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => read({ limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const isWanted = isWhole && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (isWanted) void fetchNextPage();
  }, [isWanted, fetchNextPage]);
  return {
    items: query.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: query.isPending,
    isPartial: hasNextPage,
    isFetchingMore: isFetchingNextPage,
    error: query.error,
    more: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    },
    again: () => void query.refetch(),
  };
}

/** The departments that the caller acts in, by code. */
export function useDepartments() {
  return useQuery({
    queryKey: ["departments"],
    queryFn: () => everyPage((query) => answer(api.GET("/api/v1/departments", { params: { query } }))),
  });
}

/** Rooms of all these departments. */
export function useAllRooms() {
  return useQuery({
    queryKey: ["rooms", "all"],
    queryFn: () => everyPage((query) => answer(api.GET("/api/v1/rooms", { params: { query } }))),
  });
}

/** Doctors of all these departments. */
export function useAllDoctors() {
  return useQuery({
    queryKey: ["doctors", "all"],
    queryFn: () => everyPage((query) => answer(api.GET("/api/v1/doctors", { params: { query } }))),
  });
}

/** The accounts of the facility. */
export function useStaff(): Pages<StaffMember> {
  return usePages(["staff"], (query) => answer(api.GET("/api/v1/staff", { params: { query } })), true);
}

/** A department's name by its id, or the id. */
export function nameOf(departments: readonly Department[] | undefined, id: string | undefined): string {
  return departments?.find((one) => one.department_id === id)?.name ?? id ?? "";
}
