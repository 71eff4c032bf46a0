import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { useRequest } from "../../intent/useIntent";
import { accountTexts } from "../../texts/account";
import { useTimes } from "../../time/times";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";

type Session = Schemas["SessionView"];

/** Every device that is signed in with this account. */
export function Sessions() {
  const t = useTexts(accountTexts);
  const client = useQueryClient();
  const end = useRequest<unknown>();
  const sessions = useQuery({
    queryKey: ["sessions"],
    queryFn: async () => (await answer(api.GET("/api/v1/auth/sessions"))).items,
  });
  async function finish(path: string): Promise<void> {
    await end.succeeds({ method: "DELETE", path: `/api/v1/auth/sessions${path}`, body: undefined });
    await client.invalidateQueries({ queryKey: ["sessions"] });
  }
  const others = sessions.data?.filter((one) => !one.current) ?? [];
  return (
    <section className="card stack">
      <h2>{t("sessions")}</h2>
      <ErrorText error={sessions.error === null ? end.error : failureOf(sessions.error)} />
      {sessions.isPending && <Loading />}
      <ul className="stack tight">
        {sessions.data?.map((one) => (
          <li key={one.id} className="account-session">
            <Device session={one} />
            {one.current ? (
              <span className="badge" data-tone="good">
                {t("this_one")}
              </span>
            ) : (
              <Button size="small" isBusy={end.isPending} onClick={() => void finish(`/${one.id}`)}>
                {t("end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <div>
          <Button kind="danger" isBusy={end.isPending} onClick={() => void finish("")}>
            {t("end_others")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Device({ session }: { session: Session }) {
  const t = useTexts(accountTexts);
  const times = useTimes();
  return (
    <span>
      <bdi>{session.user_agent ?? "–"}</bdi>
      <br />
      <span className="muted small">
        <bdi>{session.address}</bdi> · {t("used", { time: times.dateTime(session.used_at) })}
      </span>
    </span>
  );
}
