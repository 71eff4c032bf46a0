import { useState } from "react";
import { Link } from "wouter";
import { useQuery } from "@tanstack/react-query";
import { answer, api, bearer } from "../../api/client";
import { useTexts, type KeysOf, type Translate } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { visitTexts } from "../../texts/visit";
import { useTimes, ZoneProvider } from "../../time/times";
import { LiveBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { LanguageChoice, ThemeChoice } from "../../ui/Preferences";
import { Loading } from "../../ui/states";
import { Actions } from "./Actions";
import { forgetVisit, ownVisit, type OwnVisit } from "./credential";
import { rangeOf } from "./estimate";
import { NotifyChoice } from "./NotifyChoice";
import { useCall } from "./useCall";
import { useOwnVisit, type PatientView } from "./useOwnVisit";
import "./visit.css";

const OVER: readonly PatientView["state"][] = ["COMPLETED", "NO_SHOW", "CANCELLED", "LEFT", "EXPIRED"];

/** The patient's own page: where I stand, and what to do next. */
export default function Visit() {
  const [own, setOwn] = useState(ownVisit);
  if (own === null) return <None />;
  function leave(): void {
    forgetVisit();
    setOwn(null);
  }
  return <InZone own={own} onForget={leave} />;
}

function None() {
  const t = useTexts(visitTexts);
  const common = useTexts(commonTexts);
  return (
    <main className="centre">
      <h1>{t("none_title")}</h1>
      <p>{t("none_text")}</p>
      <Link className="button" data-kind="primary" href="/">
        {common("home")}
      </Link>
    </main>
  );
}

interface Props {
  own: OwnVisit;
  onForget: () => void;
}

function InZone({ own, onForget }: Props) {
  const facility = useQuery({
    queryKey: ["facility", own.visitId],
    queryFn: () => answer(api.GET("/api/v1/facility", { headers: bearer(own.visitToken) })),
    staleTime: Infinity,
  });
  return (
    <ZoneProvider zone={facility.data?.timezone}>
      <Page own={own} onForget={onForget} facility={facility.data?.name ?? "MediQue"} />
    </ZoneProvider>
  );
}

function Page({ own, onForget, facility }: Props & { facility: string }) {
  const t = useTexts(visitTexts);
  const times = useTimes();
  const { visit, status } = useOwnVisit(own);
  const isCalled = visit?.state === "CALLED";
  useCall(isCalled, t("called_title", { token: visit?.token ?? "" }), whatToDo(t, visit));
  if (status.state === "refused") return <Ended onForget={onForget} />;
  if (visit === null) return <Loading />;
  const state = visit.state === "URGENT" ? "WAITING" : visit.state;
  return (
    <div className="visit" data-state={state}>
      <header className="row spread">
        <strong>
          <bdi>{facility}</bdi>
        </strong>
        <span className="row">
          <LanguageChoice />
          <ThemeChoice />
        </span>
      </header>
      <main id="content" className="stack">
        <h1 className="visually-hidden">{t("title")}</h1>
        <section className="visit-token" aria-live="assertive">
          <p className="visit-label">
            {t("your_token")} · <bdi>{visit.department}</bdi>
          </p>
          <p className="token">{visit.token ?? "–"}</p>
          <p className="visit-state">{t(sayOf(state))}</p>
          <p className="visit-next">{whatToDo(t, visit)}</p>
        </section>
        {state === "WAITING" && <Wait visit={visit} />}
        {state === "WAITING" && <NotifyChoice />}
        <Actions own={own} visit={visit} />
        {!OVER.includes(visit.state) && <p className="notice">{t("ill")}</p>}
        {OVER.includes(visit.state) && (
          <Button kind="quiet" onClick={onForget}>
            {t("forget")}
          </Button>
        )}
        <footer className="row spread">
          <LiveBadge status={status} />
          <span className="muted small">{t("arrived", { time: times.clock(visit.arrived_at) })}</span>
        </footer>
      </main>
    </div>
  );
}

function Ended({ onForget }: { onForget: () => void }) {
  const t = useTexts(visitTexts);
  return (
    <main className="centre">
      <h1>{t("say_EXPIRED")}</h1>
      <p>{t("do_EXPIRED")}</p>
      <Button kind="primary" onClick={onForget}>
        {t("forget")}
      </Button>
    </main>
  );
}

function Wait({ visit }: { visit: PatientView }) {
  const t = useTexts(visitTexts);
  const minutes = visit.estimate_minutes;
  return (
    <section className="card visit-wait">
      <p className="visit-ahead">
        {visit.people_ahead === undefined ? "…" : t("ahead", { count: visit.people_ahead })}
      </p>
      <p className="visit-estimate">
        {minutes === undefined ? t("estimate_unknown") : t("estimate", rangeOf(minutes))}
      </p>
      <p className="muted small">{t("estimate_note")}</p>
    </section>
  );
}

type State = Exclude<PatientView["state"], "URGENT" | "TRANSFERRED">;

function sayOf(state: Exclude<PatientView["state"], "URGENT">): `say_${State}` {
  // Between two departments, for a moment.
  return state === "TRANSFERRED" ? "say_WAITING" : `say_${state}`;
}

function whatToDo(t: Translate<KeysOf<typeof visitTexts>>, visit: PatientView | null): string {
  if (visit === null) return "";
  if (visit.state === "CALLED") {
    return visit.room === undefined ? t("do_CALLED_no_room") : t("do_CALLED", { room: visit.room });
  }
  const state = visit.state === "URGENT" || visit.state === "TRANSFERRED" ? "WAITING" : visit.state;
  return t(`do_${state}`);
}
