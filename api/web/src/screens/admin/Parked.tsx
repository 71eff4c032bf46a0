import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { failureOf } from "../../api/problem";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { useTimes } from "../../time/times";
import { ErrorText } from "../../ui/ErrorText";
import { Choice } from "../../ui/Field";
import { Empty, Loading } from "../../ui/states";

const STATES = ["parked", "redriven", "dropped"] as const;
type State = (typeof STATES)[number];

/** Commands that were put aside. The api shows them; running one again is the operator's. */
export function Parked() {
  const t = useTexts(adminTexts);
  const times = useTimes();
  const [state, setState] = useState<State>("parked");
  const parked = useQuery({
    queryKey: ["dead-letters", state],
    queryFn: async () => {
      const query = { state, limit: 100 };
      return (await answer(api.GET("/api/v1/dead-letters", { params: { query } }))).items;
    },
  });
  return (
    <section className="card stack">
      <h2>{t("part_parked")}</h2>
      <p>{t("parked_text")}</p>
      <Choice
        label={t("status")}
        options={STATES.map((value) => ({ value, label: t(value) }))}
        value={state}
        onChange={setState}
      />
      <ErrorText error={parked.error === null ? null : failureOf(parked.error)} />
      {parked.isPending && <Loading />}
      {parked.data?.length === 0 && <Empty title={t("nothing")} />}
      <ul className="stack tight">
        {parked.data?.map((one) => (
          <li key={one.dead_letter_id} className="admin-parked">
            <strong dir="auto">{one.reason}</strong>
            <span className="muted small">
              {times.dateTime(one.parked_at)} · <code dir="ltr">{one.subject}</code>
            </span>
            {one.state === "parked" && (
              <code className="admin-code" dir="ltr">
                medique-worker admin dead-letters redrive {one.dead_letter_id} --reason &quot;…&quot;
              </code>
            )}
            {one.resolution !== undefined && <span dir="auto">{one.resolution}</span>}
          </li>
        ))}
      </ul>
      {state === "parked" && (parked.data?.length ?? 0) > 0 && <p className="muted">{t("parked_redrive")}</p>}
    </section>
  );
}
