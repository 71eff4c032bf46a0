import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { staffTexts } from "../../../texts/staff";
import { useTimes } from "../../../time/times";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";
import { ConfirmButton } from "../parts/ConfirmButton";
import type { StaffMember } from "../parts/data";
import { ReadError } from "../parts/Page";
import { useAct } from "../parts/useAct";

/** Where somebody is signed in, and ending that. */
export function Sessions({ person }: { person: StaffMember }) {
  const t = useTexts(staffTexts);
  const times = useTimes();
  const sessions = useQuery({
    queryKey: ["staff-sessions", person.id],
    staleTime: 0,
    queryFn: () =>
      answer(api.GET("/api/v1/staff/{staff_id}/sessions", { params: { path: { staff_id: person.id } } })),
  });
  const act = useAct();
  const items = sessions.data?.items ?? [];
  async function end(what: string): Promise<void> {
    await act.run({ method: "DELETE", path: `/api/v1/staff/${person.id}/sessions${what}`, body: undefined });
    await sessions.refetch();
  }
  return (
    <section className="admin-section">
      <h3>{t("sessions")}</h3>
      <ReadError error={sessions.error} again={() => void sessions.refetch()} />
      {sessions.isSuccess && items.length === 0 && <p className="muted">{t("no_sessions")}</p>}
      <ul className="admin-sessions">
        {items.map((session) => (
          <li key={session.id}>
            <span>
              <bdi>{session.user_agent ?? t("unknown_device")}</bdi>
              {session.current && (
                <span className="badge" data-tone="brand">
                  {t("this_session")}
                </span>
              )}
              <br />
              <span className="muted small">
                {t("session_used", { time: times.dateTime(session.used_at) })}
                {session.address !== undefined && (
                  <>
                    {" · "}
                    <bdi>{session.address}</bdi>
                  </>
                )}
              </span>
            </span>
            <Button size="small" isBusy={act.isPending} onClick={() => void end(`/${session.id}`)}>
              {t("end_session")}
            </Button>
          </li>
        ))}
      </ul>
      <ErrorText error={act.error} />
      <div>
        <ConfirmButton
          size="normal"
          question={t("end_all_question", { name: person.name })}
          action={t("end_all")}
          onConfirm={() => void end("")}
        >
          {t("end_all")}
        </ConfirmButton>
      </div>
    </section>
  );
}
