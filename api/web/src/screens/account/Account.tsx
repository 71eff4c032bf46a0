import { useTexts } from "../../i18n/texts";
import { useSession } from "../../session/useSession";
import { accountTexts } from "../../texts/account";
import "../identity/identity.css";
import "./account.css";
import { OwnPassword } from "./OwnPassword";
import { OwnSecondFactor } from "./OwnSecondFactor";
import { OwnSessions } from "./OwnSessions";

/** The own account: where it is signed in, its second factor, its password. */
export default function Account() {
  const t = useTexts(accountTexts);
  const { who } = useSession();
  const role = who?.claims.role ?? null;
  return (
    <main id="content" className="page account">
      <header>
        <h1>{t("title")}</h1>
        <p className="muted">
          <bdi>{who?.name}</bdi>
          {role !== null && ` · ${t(`role_${role}`)}`}
        </p>
      </header>
      <OwnSessions />
      <OwnSecondFactor />
      <OwnPassword />
    </main>
  );
}
