import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api, bearer } from "../../api/client";
import { failureOf } from "../../api/problem";
import { LANGUAGES, LANGUAGE_CODES, pick } from "../../i18n/languages";
import { useLanguage } from "../../i18n/LanguageProvider";
import { useTexts } from "../../i18n/texts";
import { recall, remember } from "../../intent/memory";
import { checkinTexts } from "../../texts/checkin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Start } from "./CheckIn";
import type { Scanned } from "./flow";
import { Form } from "./Form";
import { takeLink } from "./link";
import { useCheckIn } from "./useCheckIn";
import { useIdle } from "./useIdle";
import "./checkin.css";
import "./kiosk.css";

const LINK = "medique.kiosk-link";
/** Without a touch for so long, the next person is asked for, seconds. */
const IDLE_S = 60;
/** The token stays so long, seconds. */
const SHOWN_S = 25;

/** Check-in at a terminal in the hall: the poster's link is set once, everybody draws a ticket from it. */
export default function Kiosk() {
  const [linkToken] = useState(() => {
    const given = takeLink();
    if (given !== null) remember("local", LINK, given);
    return given ?? recall<string>("local", LINK);
  });
  return (
    <div className="checkin kiosk">
      {linkToken === null ? <NotSetUp /> : <Terminal linkToken={linkToken} />}
    </div>
  );
}

function NotSetUp() {
  const t = useTexts(checkinTexts);
  return (
    <main className="centre">
      <h1>{t("kiosk_off_title")}</h1>
      <p>{t("kiosk_off_text")}</p>
    </main>
  );
}

function Terminal({ linkToken }: { linkToken: string }) {
  const checkIn = useCheckIn(linkToken, "session");
  const { language, choose } = useLanguage();
  const [done, setDone] = useState<Scanned | null>(null);

  function reset(): void {
    setDone(null);
    checkIn.startOver();
    choose(pick(navigator.languages));
  }
  async function send(asked: readonly string[] | null): Promise<void> {
    const scanned = await checkIn.send(language, asked);
    if (scanned !== null) setDone(scanned);
  }

  if (done !== null) return <TokenShown scanned={done} onDone={reset} />;
  if (checkIn.step === "start") {
    return (
      <main className="kiosk-start">
        <Languages />
        <Start checkIn={checkIn} onStart={checkIn.begin} />
      </main>
    );
  }
  return (
    <main>
      <Form checkIn={checkIn} onSend={send} />
      <IdleWatch onGone={reset} />
    </main>
  );
}

function Languages() {
  const { language, choose } = useLanguage();
  return (
    <div className="kiosk-languages">
      {LANGUAGE_CODES.map((code) => (
        <Button
          key={code}
          size="big"
          lang={code}
          aria-pressed={code === language}
          onClick={() => choose(code)}
        >
          {LANGUAGES[code].name}
        </Button>
      ))}
    </div>
  );
}

function IdleWatch({ onGone }: { onGone: () => void }) {
  const t = useTexts(checkinTexts);
  const left = useIdle(IDLE_S, onGone);
  if (left > 15) return null;
  return (
    <div className="kiosk-idle" role="alert">
      <strong>{t("still_there")}</strong>
      <span>{t("resets", { count: left })}</span>
      <Button kind="primary">{t("i_am_here")}</Button>
    </div>
  );
}

function TokenShown({ scanned, onDone }: { scanned: Scanned; onDone: () => void }) {
  const t = useTexts(checkinTexts);
  const visit = useQuery({
    queryKey: ["own-visit", scanned.visitId],
    queryFn: () => answer(api.GET("/api/v1/patient/visit", { headers: bearer(scanned.visitToken) })),
  });
  const [left, setLeft] = useState(SHOWN_S);
  useEffect(() => {
    const timer = setInterval(() => setLeft((now) => now - 1), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) onDone();
  }, [left, onDone]);
  return (
    <main className="centre kiosk-done" aria-live="polite">
      <p>{t("your_token")}</p>
      <p className="token kiosk-token">{visit.data?.token ?? "…"}</p>
      {visit.data?.people_ahead !== undefined && <p>{t("ahead", { count: visit.data.people_ahead })}</p>}
      <p>{t("sit_down")}</p>
      {visit.error !== null && <ErrorText error={failureOf(visit.error)} />}
      <Button kind="primary" size="big" onClick={onDone}>
        {t("done")}
      </Button>
      <p className="muted">{t("resets", { count: Math.max(0, left) })}</p>
    </main>
  );
}
