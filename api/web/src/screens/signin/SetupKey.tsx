import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";

/** The key of a second factor, to be typed or opened. */
export function SetupKey({ setup }: { setup: Schemas["SetupAnswer"] }) {
  const t = useTexts(signinTexts);
  return (
    <div className="stack tight">
      <code className="signin-key" dir="ltr">
        {setup.secret.replace(/(.{4})(?=.)/g, "$1 ")}
      </code>
      <a href={setup.url}>{t("enrol_open")}</a>
    </div>
  );
}
