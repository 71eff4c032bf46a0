import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useLanguage } from "../../i18n/LanguageProvider";
import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { adminTexts } from "../../texts/admin";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { TextInput } from "../../ui/Field";
import { Loading } from "../../ui/states";
import { Number } from "./Overview";

/** How good the adviser is against clinicians, and its switch. */
export function Quality() {
  const t = useTexts(adminTexts);
  const { locale } = useLanguage();
  const client = useQueryClient();
  const intent = useIntent();
  const [reason, setReason] = useState("");
  const quality = useQuery({
    queryKey: ["quality"],
    queryFn: () => answer(api.GET("/api/v1/admin/triage/quality", { params: { query: {} } })),
  });
  const data = quality.data;
  const share = (value: number | undefined) =>
    value === undefined ? "–" : new Intl.NumberFormat(locale, { style: "percent" }).format(value);

  async function turn(enabled: boolean): Promise<void> {
    const body = { enabled, reason: reason.trim() };
    const answered = await intent.run({ method: "PUT", path: "/api/v1/admin/triage/adviser", body });
    await client.invalidateQueries({ queryKey: ["quality"] });
    if (answered !== null) setReason("");
  }

  return (
    <section className="card stack">
      <h2>{t("part_quality")}</h2>
      <ErrorText error={quality.error === null ? null : failureOf(quality.error)} />
      {quality.isPending && <Loading />}
      {data !== undefined && (
        <>
          <dl className="admin-numbers">
            <Number value={data.total.suggested} label={t("suggested")} />
            <Number value={data.total.failed} label={t("failed")} />
            <Number value={share(data.total.clinicians.agreement)} label={t("agreement")} />
            <Number value={share(data.total.clinicians.under_triage)} label={t("under")} />
            <Number value={share(data.total.clinicians.over_triage)} label={t("over")} />
          </dl>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void turn(!data.adviser.enabled);
            }}
          >
            <p>
              <span className="badge" data-tone={data.adviser.enabled ? "good" : "warn"}>
                {t(data.adviser.enabled ? "adviser_on" : "adviser_off")}
              </span>{" "}
              <span dir="auto">{data.adviser.reason}</span>
            </p>
            <TextInput
              label={t("reason")}
              required
              maxLength={300}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
            <ErrorText error={intent.error} />
            <div>
              <Button
                type="submit"
                kind={data.adviser.enabled ? "danger" : "primary"}
                isBusy={intent.isPending}
              >
                {t(data.adviser.enabled ? "switch_off" : "switch_on")}
              </Button>
            </div>
          </form>
        </>
      )}
    </section>
  );
}
