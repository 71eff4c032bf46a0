import { Link, useLocation } from "wouter";
import { useTexts } from "../i18n/texts";
import type { Role } from "../session/claims";
import { signOut } from "../session/session";
import { useSession } from "../session/useSession";
import { commonTexts } from "../texts/common";
import { Button } from "../ui/Button";
import { LanguageChoice, ThemeChoice } from "../ui/Preferences";
import "./topbar.css";

const PLACES = [
  { path: "/reception", text: "nav_reception", roles: ["RECEPTION", "ADMIN", "NURSE"] },
  { path: "/nurse", text: "nav_nurse", roles: ["NURSE", "DOCTOR"] },
  { path: "/doctor", text: "nav_doctor", roles: ["DOCTOR"] },
  { path: "/board", text: "nav_board", roles: ["ADMIN", "RECEPTION", "NURSE", "DOCTOR"] },
  { path: "/admin", text: "nav_admin", roles: ["ADMIN"] },
] as const satisfies readonly { path: string; text: string; roles: readonly Role[] }[];

/** Where the staff is, where else it may go, and as whom. */
export function TopBar({ facility }: { facility: string }) {
  const t = useTexts(commonTexts);
  const { who } = useSession();
  const [location] = useLocation();
  const role = who?.claims.role;
  const places = PLACES.filter((place) => place.roles.some((allowed) => allowed === role));
  return (
    <header className="topbar">
      <a className="topbar-skip" href="#content">
        {t("skip_to_content")}
      </a>
      <Link className="topbar-brand" href="/">
        <img src={new URL("../icon.svg", import.meta.url).href} alt="" width="28" height="28" />
        <span>MediQue</span>
        <span className="topbar-facility">{facility}</span>
      </Link>
      <nav className="topbar-places">
        {places.map((place) => (
          <Link
            key={place.path}
            href={place.path}
            aria-current={location.startsWith(place.path) ? "page" : undefined}
          >
            {t(place.text)}
          </Link>
        ))}
      </nav>
      <div className="topbar-own">
        <LanguageChoice />
        <ThemeChoice />
        <Link href="/account" className="topbar-who">
          <span className="visually-hidden">{t("account")}: </span>
          <bdi>{who?.name}</bdi>
        </Link>
        <Button kind="quiet" size="small" onClick={() => void signOut()}>
          {t("sign_out")}
        </Button>
      </div>
    </header>
  );
}
