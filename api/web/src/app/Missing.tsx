import { Link } from "wouter";
import { useTexts } from "../i18n/texts";
import { commonTexts } from "../texts/common";

/** An address that is none of ours. */
export default function Missing() {
  const t = useTexts(commonTexts);
  return (
    <main className="centre">
      <h1>{t("not_found_title")}</h1>
      <p>{t("not_found_text")}</p>
      <Link className="button" data-kind="primary" href="/">
        {t("home")}
      </Link>
    </main>
  );
}
