import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { useSession } from "../../session/useSession";
import { adminTexts } from "../../texts/admin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Twice } from "./parts";

type Result = Schemas["DayClose"];

/** Closing the day: first what would happen, then, after a second press, that it happens. */
export function DayClose() {
  const t = useTexts(adminTexts);
  const facility = useSession().who?.claims.facility ?? "";
  const intent = useIntent();
  const [result, setResult] = useState<Result | null>(null);

  async function close(isDry: boolean): Promise<void> {
    const body = { dry_run: isDry };
    const answered = await intent.run({
      method: "POST",
      path: `/api/v1/facilities/${facility}/close-day`,
      body,
    });
    setResult(answered?.result?.day_close ?? null);
  }

  return (
    <section className="card stack">
      <h2>{t("part_day")}</h2>
      <p>{t("day_text")}</p>
      <div>
        <Button kind="primary" isBusy={intent.isPending} onClick={() => void close(true)}>
          {t("dry_run")}
        </Button>
      </div>
      <ErrorText error={intent.error} />
      {result !== null && (
        <div className="notice stack tight" data-tone={result.dry_run ? "warn" : "good"} role="status">
          {!result.dry_run && <strong>{t("day_closed", { day: result.service_day })}</strong>}
          <p>{t("would_expire", { count: result.expired.length })}</p>
          <p>{t("left_alone", { count: result.in_consultation.length })}</p>
          {result.dry_run && (
            <div>
              <Twice isBusy={intent.isPending} onPress={() => void close(false)}>
                {t("close_day", { day: result.service_day })}
              </Twice>
            </div>
          )}
        </div>
      )}
    </section>
  );
}
