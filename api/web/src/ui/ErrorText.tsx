import { use } from "react";
import type { ApiError } from "../api/problem";
import { wordsFor } from "../api/words";
import { format } from "../i18n/format";
import { useLanguage } from "../i18n/LanguageProvider";
import { useTexts } from "../i18n/texts";
import { commonTexts } from "../texts/common";
import { errorTexts } from "../texts/errors";

/** A failure in words that say what to do, announced to screen readers. */
export function ErrorText({ error }: { error: ApiError | null }) {
  return <div role="alert">{error !== null && <Words error={error} />}</div>;
}

function Words({ error }: { error: ApiError }) {
  const { language, locale } = useLanguage();
  const messages = use(errorTexts.load(language));
  const t = useTexts(commonTexts);
  const key = wordsFor(error, (code): code is keyof typeof messages => code in messages);
  const detail = error.problem?.errors?.map((one) => one.detail).join("; ") ?? "";
  const trace = error.problem?.trace_id ?? "";
  return (
    <div className="notice" data-tone="danger">
      <p>{format(messages[key], { detail }, locale)}</p>
      {key === "internal_error" && trace !== "" && <p className="small">{t("trace", { trace })}</p>}
    </div>
  );
}
