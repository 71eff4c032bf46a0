import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { useTimes } from "../../time/times";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { deviceOf } from "./device";

const KEY = ["own-sessions"];

/** Where the account is signed in, and how to end that. */
export function OwnSessions() {
  const t = useTexts(accountTexts);
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: KEY,
    queryFn: () => answer(api.GET("/api/v1/auth/sessions")),
    staleTime: 0,
  });
  const call = useRequest<Partial<Schemas["EndedAnswer"]>>();
  const [ended, setEnded] = useState<number | null>(null);
  const items = sessions.data?.items ?? [];

  async function end(path: string): Promise<void> {
    const answered = await call.run({ method: "DELETE", path, body: undefined });
    if (answered === null) return;
    setEnded(answered.ended ?? 1);
    await queries.invalidateQueries({ queryKey: KEY });
  }

  return (
    <section className="card stack">
      <div>
        <h2>{t("sessions")}</h2>
        <p className="muted">{t("sessions_text")}</p>
      </div>
      {sessions.isPending && <Loading />}
      {sessions.error !== null && <ErrorText error={failureOf(sessions.error)} />}
      <ul className="account-sessions">
        {items.map((session) => (
          <SessionLine
            key={session.id}
            session={session}
            isBusy={call.isPending}
            onEnd={() => void end(`/api/v1/auth/sessions/${session.id}`)}
          />
        ))}
      </ul>
      <ErrorText error={call.error} />
      <p role="status">{ended !== null && t("ended", { count: ended })}</p>
      {items.some((session) => !session.current) && (
        <div>
          <Button kind="danger" isBusy={call.isPending} onClick={() => void end("/api/v1/auth/sessions")}>
            {t("end_others")}
          </Button>
        </div>
      )}
    </section>
  );
}

interface LineProps {
  session: Schemas["SessionView"];
  isBusy: boolean;
  onEnd: () => void;
}

function SessionLine({ session, isBusy, onEnd }: LineProps) {
  const t = useTexts(accountTexts);
  const times = useTimes();
  const device = deviceOf(session.user_agent) ?? t("unknown_device");
  return (
    <li>
      <div>
        <p className="row">
          <strong>
            <bdi>{device}</bdi>
          </strong>
          {session.current && (
            <span className="badge" data-tone="good">
              {t("this_one")}
            </span>
          )}
          {session.amr.includes("otp") && <span className="badge">{t("with_factor")}</span>}
        </p>
        <p className="small muted">
          {session.address !== undefined && (
            <>
              <bdi>{session.address}</bdi> ·{" "}
            </>
          )}
          {t("last_used", { time: times.dateTime(session.used_at) })} ·{" "}
          {t("since", { time: times.dateTime(session.created_at) })}
        </p>
      </div>
      {!session.current && (
        <Button size="small" isDisabled={isBusy} aria-label={t("end_named", { device })} onClick={onEnd}>
          {t("end")}
        </Button>
      )}
    </li>
  );
}
