import { useState } from "react";
import type { Schemas } from "../../api/client";
import { answer, api, bearer } from "../../api/client";
import { useLive } from "../../live/useLive";
import type { LiveStatus } from "../../live/connection";
import type { ServerEvent } from "../../live/sse";
import type { OwnVisit } from "./credential";

export type PatientView = Schemas["PatientView"];

interface PatientEvent {
  version: number;
  state: PatientView["state"];
  token: string | null;
  room?: string;
}

/**
 * The own visit, as it moves. An event tells at once what matters (called, where to); how many are before one, and
 * how long it takes, is read again after it.
 */
export function useOwnVisit(own: OwnVisit): { visit: PatientView | null; status: LiveStatus } {
  const [visit, setVisit] = useState<PatientView | null>(null);

  function newer(next: PatientView): void {
    setVisit((known) => (known === null || next.version >= known.version ? next : known));
  }

  async function read(): Promise<void> {
    try {
      newer(await answer(api.GET("/api/v1/patient/visit", { headers: bearer(own.visitToken) })));
    } catch {
      // The stream says that the connection is away; the next event reads again.
    }
  }

  function take(event: ServerEvent): void {
    if (event.name === "snapshot" || event.name === "resync") {
      const data = JSON.parse(event.data) as { visit: PatientView | null };
      if (data.visit !== null) setVisit(data.visit);
      return;
    }
    const news = JSON.parse(event.data) as PatientEvent;
    setVisit((known) => {
      if (known === null || news.version <= known.version) return known;
      const { visit_id, department_id, department, arrived_at, as_of } = known;
      const token = news.token ?? known.token;
      return {
        ...{ visit_id, department_id, department, arrived_at, as_of },
        version: news.version,
        state: news.state,
        ...(news.room === undefined ? {} : { room: news.room }),
        ...(token === undefined ? {} : { token }),
      };
    });
    void read();
  }

  const status = useLive("/api/v1/patient/visit/events", take, { visitToken: own.visitToken });
  return { visit, status };
}
