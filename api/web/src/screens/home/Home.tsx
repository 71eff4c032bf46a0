import { useQuery } from "@tanstack/react-query";
import { Link, Redirect } from "wouter";
import { answer, api } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import type { Role } from "../../session/claims";
import { useSession } from "../../session/useSession";
import { commonTexts } from "../../texts/common";
import { homeTexts } from "../../texts/home";
import { LanguageChoice, ThemeChoice } from "../../ui/Preferences";
import { Loading } from "../../ui/states";
import { ownVisit } from "../visit/credential";
import "./home.css";

/** Where each role works. */
const WORK: Readonly<Record<Role, string>> = {
  ADMIN: "/admin",
  RECEPTION: "/reception",
  NURSE: "/nurse",
  DOCTOR: "/doctor",
  DISPLAY: "/board",
  PATIENT: "/visit",
};

const FIRST_STEPS = `medique-worker admin create-facility --code GH --name "General Hospital" --timezone Europe/London
medique-worker admin create-user --facility-id … --email … --role ADMIN --all-departments --password-file …`;

/** The start page: staff go to their work, patients learn how to check in, a new system says how to begin. */
export default function Home() {
  const session = useSession();
  const setup = useQuery({ queryKey: ["setup"], queryFn: () => answer(api.GET("/api/v1/setup")) });
  if (session.status === "restoring") return <Loading />;
  const role = session.who?.claims.role;
  if (role !== undefined && role !== null) return <Redirect to={WORK[role]} replace />;
  return (
    <main className="home">
      <div className="row home-preferences">
        <LanguageChoice />
        <ThemeChoice />
      </div>
      {setup.data?.has_accounts === false ? <FirstRun /> : <Welcome />}
    </main>
  );
}

function Welcome() {
  const t = useTexts(homeTexts);
  const common = useTexts(commonTexts);
  const hasVisit = ownVisit() !== null;
  return (
    <>
      <h1>{t("title")}</h1>
      <div className="home-ways">
        <section className="card stack">
          <h2>{t("patients")}</h2>
          <p>{t("patients_text")}</p>
          {hasVisit && (
            <Link className="button" data-kind="primary" href="/visit">
              {t("my_visit")}
            </Link>
          )}
        </section>
        <section className="card stack">
          <h2>{t("staff")}</h2>
          <Link className="button" data-kind={hasVisit ? "plain" : "primary"} href="/sign-in">
            {common("sign_in")}
          </Link>
        </section>
      </div>
    </>
  );
}

function FirstRun() {
  const t = useTexts(homeTexts);
  return (
    <section className="card stack">
      <h1>{t("first_title")}</h1>
      <p>{t("first_text")}</p>
      <pre className="home-commands" dir="ltr">
        {FIRST_STEPS}
      </pre>
      <p>{t("first_then")}</p>
    </section>
  );
}
