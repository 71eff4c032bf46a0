import { useEffect, useState } from "react";
import { follow, type LiveStatus } from "../../live/connection";
import { Newest } from "../../live/versions";
import { accessToken, renew } from "../../session/session";

/** A visit as the staff's stream tells of it: without a name. */
export interface LiveVisit {
  visit_id: string;
  version: number;
  department_id: string;
  state: string;
  level: number;
  queued_since: string;
}

export interface DepartmentNow {
  visits: readonly LiveVisit[];
  status: LiveStatus;
}

const LIVE = ["WAITING", "URGENT", "CALLED", "IN_CONSULTATION", "ON_HOLD"];
const START: DepartmentNow = { visits: [], status: { state: "connecting", freshAt: null } };

/** What happens in departments now, out of their streams. */
export function useOverview(ids: readonly string[]): ReadonlyMap<string, DepartmentNow> {
  const [now, setNow] = useState<ReadonlyMap<string, DepartmentNow>>(new Map());
  const key = ids.join(",");
  useEffect(() => {
    if (key === "") return;
    const change = (id: string, part: Partial<DepartmentNow>) =>
      setNow((before) => new Map(before).set(id, { ...(before.get(id) ?? START), ...part }));
    const closers = key.split(",").map((id) => {
      const newest = new Newest<LiveVisit>();
      return follow({
        url: `/api/v1/departments/${id}/events`,
        token: (stale) => (stale === null ? accessToken() : renew(stale)),
        onStatus: (status) => change(id, { status }),
        onEvent: (event) => {
          if (event.name === "snapshot" || event.name === "resync") {
            newest.replace((JSON.parse(event.data) as { visits: LiveVisit[] }).visits);
          } else if (event.name.startsWith("visit_")) {
            const visit = JSON.parse(event.data) as LiveVisit;
            const isHere = visit.department_id === id && LIVE.includes(visit.state);
            if (!(isHere ? newest.put(visit) : newest.remove(visit))) return;
          } else return;
          change(id, { visits: [...newest.all().values()] });
        },
      });
    });
    return () => closers.forEach((close) => close());
  }, [key]);
  return now;
}
