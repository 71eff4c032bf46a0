import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { failureOf } from "../../api/problem";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { nurseTexts } from "../../texts/nurse";
import { LevelBadge, StateBadge } from "../../ui/badges";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Level } from "./Level";
import { VitalsForm } from "./VitalsForm";

/** One patient: what is known, what is measured, how urgent that is. */
export function Assessment({ item, onDone }: { item: QueueItem; onDone: () => void }) {
  const t = useTexts(nurseTexts);
  const visit = useQuery({
    queryKey: ["visit", item.visit_id, item.version],
    queryFn: () =>
      answer(api.GET("/api/v1/visits/{visit_id}", { params: { path: { visit_id: item.visit_id } } })),
    placeholderData: (before) => before,
  });
  const yes =
    visit.data?.answers?.filter((one) => one.yes).map((one) => one.question.replaceAll("_", " ")) ?? [];
  return (
    <div className="stack">
      <section className="card stack">
        <div className="row spread">
          <span className="row">
            <span className="token nurse-token">{item.token}</span>
            <strong>
              <bdi>{item.name}</bdi>
            </strong>
          </span>
          <span className="row">
            <LevelBadge level={item.level} withWords />
            <StateBadge state={item.state} />
          </span>
        </div>
        <dl className="nurse-known">
          <div>
            <dt>{t("complaint")}</dt>
            <dd dir="auto">{item.complaint ?? "–"}</dd>
          </div>
          {yes.length > 0 && (
            <div>
              <dt>{t("answered_yes")}</dt>
              <dd>{yes.join(", ")}</dd>
            </div>
          )}
        </dl>
        <ErrorText error={visit.error === null ? null : failureOf(visit.error)} />
        <VitalsForm item={item} age={visit.data?.patient?.age_years ?? null} onDone={onDone} />
      </section>
      {visit.data === undefined ? <Loading /> : <Level item={item} visit={visit.data} onDone={onDone} />}
    </div>
  );
}
