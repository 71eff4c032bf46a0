import { useEffect, useEffectEvent, useState } from "react";
import { accessToken, renew } from "../session/session";
import { follow, type LiveStatus } from "./connection";
import type { ServerEvent } from "./sse";

/** Where the credential of a stream comes from: the session by default, or a patient's own. */
export type Credential = { visitToken: string } | "session";

const START: LiveStatus = { state: "connecting", freshAt: null };

/** Follows a stream while the component is there; null follows nothing. */
export function useLive(
  url: string | null,
  onEvent: (event: ServerEvent) => void,
  credential: Credential = "session",
): LiveStatus {
  const [status, setStatus] = useState(START);
  const take = useEffectEvent(onEvent);
  const visitToken = credential === "session" ? null : credential.visitToken;
  useEffect(() => {
    if (url === null) return;
    const token = async (stale: string | null): Promise<string | null> => {
      if (visitToken !== null) return stale === null ? visitToken : null;
      return stale === null ? accessToken() : renew(stale);
    };
    return follow({ url, token, onEvent: take, onStatus: setStatus });
  }, [url, visitToken]);
  return status;
}
