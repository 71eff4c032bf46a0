import { useTexts } from "../../i18n/texts";
import { signinTexts } from "../../texts/signin";
import { Button } from "../../ui/Button";
import { Frame } from "./Frame";

export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const t = useTexts(signinTexts);
  return (
    <Frame title={t("codes_title")}>
      <p>{t("codes_text")}</p>
      <CodeList codes={codes} />
      <Button kind="primary" size="big" onClick={onKept}>
        {t("codes_kept")}
      </Button>
    </Frame>
  );
}

export function CodeList({ codes }: { codes: readonly string[] }) {
  return (
    <ul className="signin-codes" dir="ltr">
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ul>
  );
}
