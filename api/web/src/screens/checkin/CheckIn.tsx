import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { useLanguage } from "../../i18n/LanguageProvider";
import { useTexts } from "../../i18n/texts";
import { checkinTexts } from "../../texts/checkin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { LanguageChoice, ThemeChoice } from "../../ui/Preferences";
import { keepVisit } from "../visit/credential";
import { Form } from "./Form";
import { takeLink } from "./link";
import { linkOfLastTime, useCheckIn } from "./useCheckIn";
import "./checkin.css";

/** Check-in on the patient's own phone: the link was scanned from a wall, or came by message. */
export default function CheckIn() {
  const [linkToken] = useState(() => takeLink() ?? linkOfLastTime());
  return (
    <div className="checkin">
      <header className="row spread">
        <strong className="checkin-brand">MediQue</strong>
        <span className="row">
          <LanguageChoice />
          <ThemeChoice />
        </span>
      </header>
      <main id="content">{linkToken === null ? <NoLink /> : <OnPhone linkToken={linkToken} />}</main>
    </div>
  );
}

function NoLink() {
  const t = useTexts(checkinTexts);
  return (
    <div className="centre">
      <h1>{t("no_link_title")}</h1>
      <p>{t("no_link_text")}</p>
    </div>
  );
}

function OnPhone({ linkToken }: { linkToken: string }) {
  const checkIn = useCheckIn(linkToken);
  const { language } = useLanguage();
  const [, navigate] = useLocation();
  async function send(asked: readonly string[] | null): Promise<void> {
    const scanned = await checkIn.send(language, asked);
    if (scanned === null) return;
    keepVisit(scanned);
    navigate("/visit", { replace: true });
  }
  if (checkIn.step !== "start") return <Form checkIn={checkIn} onSend={send} />;
  return <Start onStart={checkIn.begin} checkIn={checkIn} />;
}

interface StartProps {
  checkIn: ReturnType<typeof useCheckIn>;
  onStart: () => Promise<void>;
}

/** Nothing is asked, and nothing is sent, before the patient has read what it is for and agreed. */
export function Start({ checkIn, onStart }: StartProps) {
  const t = useTexts(checkinTexts);
  const common = useTexts(commonTexts);
  const [isAgreed, setAgreed] = useState(false);
  const [isTried, setTried] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const lacksAgreement = isTried && !isAgreed;
  function start(): void {
    setTried(true);
    if (isAgreed) void onStart();
    else box.current?.focus();
  }
  return (
    <div className="checkin-start stack">
      <h1>{t("title")}</h1>
      <p className="notice" data-tone="danger">
        <strong>{t("emergency")}</strong>
      </p>
      <p>{t("intro")}</p>
      <section className="checkin-privacy stack">
        <h2>{t("privacy_title")}</h2>
        <p>{t("privacy_use")}</p>
        <p>{t("privacy_adviser")}</p>
        <p>{t("privacy_rights")}</p>
        <label className="check">
          <input
            ref={box}
            type="checkbox"
            checked={isAgreed}
            aria-invalid={lacksAgreement || undefined}
            aria-describedby={lacksAgreement ? "privacy-missing" : undefined}
            onChange={(event) => setAgreed(event.target.checked)}
          />
          <span>{t("privacy_agree")}</span>
        </label>
        {lacksAgreement && (
          <p className="complaint" id="privacy-missing">
            {t("privacy_missing")}
          </p>
        )}
      </section>
      <ErrorText error={checkIn.error} />
      {checkIn.attempts > 0 && <p role="status">{common("still_trying", { count: checkIn.attempts })}</p>}
      <Button kind="primary" size="big" wide isBusy={checkIn.isPending} onClick={start}>
        {t("start")}
      </Button>
    </div>
  );
}
