import { useEffect, useEffectEvent, useState } from "react";
import { follow, type LiveState, type LiveStatus } from "../../live/connection";
import { accessToken, renew } from "../../session/session";
import { BoardLines, type Call, type Line } from "./lines";

export interface DepartmentBoard {
  lines: readonly Line[];
  status: LiveStatus;
}

const START: DepartmentBoard = { lines: [], status: { state: "connecting", freshAt: null } };

/** Follows the boards of departments, one stream each. */
export function useBoards(
  ids: readonly string[],
  onCall: (call: Call) => void,
): ReadonlyMap<string, DepartmentBoard> {
  const [boards, setBoards] = useState<ReadonlyMap<string, DepartmentBoard>>(new Map());
  const announce = useEffectEvent(onCall);
  const key = ids.join(",");
  useEffect(() => {
    const change = (id: string, part: Partial<DepartmentBoard>) =>
      setBoards((now) => new Map(now).set(id, { ...(now.get(id) ?? START), ...part }));
    const closers = key.split(",").map((id) => {
      const lines = new BoardLines();
      return follow({
        url: `/api/v1/departments/${id}/board/events`,
        token: (stale) => (stale === null ? accessToken() : renew(stale)),
        onEvent: (event) => {
          for (const call of lines.take(event, Date.now())) announce(call);
          change(id, { lines: lines.lines() });
        },
        onStatus: (status) => change(id, { status }),
      });
    });
    return () => closers.forEach((close) => close());
  }, [key]);
  return boards;
}

const WORST: readonly LiveState[] = ["refused", "offline", "connecting", "degraded", "live"];

/** The least fresh of several: what the whole board may claim. */
export function worst(statuses: readonly LiveStatus[]): LiveStatus {
  const rank = (status: LiveStatus) => WORST.indexOf(status.state);
  return statuses.reduce((a, b) => (rank(b) < rank(a) ? b : a), { state: "live", freshAt: oldest(statuses) });
}

function oldest(statuses: readonly LiveStatus[]): number | null {
  const known = statuses.map((status) => status.freshAt).filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
