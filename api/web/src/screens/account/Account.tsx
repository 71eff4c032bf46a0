import { useTexts } from "../../i18n/texts";
import { useSession } from "../../session/useSession";
import { accountTexts } from "../../texts/account";
import { ChangePassword } from "./ChangePassword";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";
import "./account.css";

/** The own account: where it is signed in, its password, its second step. */
export default function Account() {
  const t = useTexts(accountTexts);
  const { who } = useSession();
  return (
    <main id="content" className="page account stack">
      <h1>
        {t("title")} <bdi className="muted">{who?.name}</bdi>
      </h1>
      <div className="account-columns">
        <Sessions />
        <div className="stack">
          <ChangePassword />
          <SecondFactor />
        </div>
      </div>
    </main>
  );
}
