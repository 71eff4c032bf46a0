import { useTexts } from "../../i18n/texts";
import { useIntent } from "../../intent/useIntent";
import { receptionTexts } from "../../texts/reception";
import { StateBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import type { GoneList, GoneVisit } from "./useGone";

/** Who left, and may come back. */
export function Gone({ gone, onDone }: { gone: GoneList; onDone: () => void }) {
  const t = useTexts(receptionTexts);
  if (gone.visits.length === 0) return null;
  return (
    <section className="card stack tight">
      <h2>{t("gone_title")}</h2>
      <p className="muted small">{t("gone_text")}</p>
      <ul className="stack tight">
        {gone.visits.map((visit) => (
          <GoneRow key={visit.visit_id} visit={visit} onDone={onDone} />
        ))}
      </ul>
    </section>
  );
}

function GoneRow({ visit, onDone }: { visit: GoneVisit; onDone: () => void }) {
  const t = useTexts(receptionTexts);
  const intent = useIntent();
  async function takeBack(): Promise<void> {
    const body = { expected_version: visit.version };
    await intent.run({ method: "POST", path: `/api/v1/visits/${visit.visit_id}/return`, body });
    onDone();
  }
  return (
    <li>
      <div className="row spread">
        <span className="row">
          <span className="token">{visit.token}</span>
          <StateBadge state={visit.state} />
        </span>
        <Button size="small" isBusy={intent.isPending} onClick={() => void takeBack()}>
          {t("return_visit")}
        </Button>
      </div>
      <ErrorText error={intent.error} />
    </li>
  );
}
