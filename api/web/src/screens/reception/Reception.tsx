import { lazy, Suspense, useState } from "react";
import { failureOf } from "../../api/problem";
import { useChosenDepartment, useDepartments, type Department } from "../../hospital/useDepartments";
import { useQueue, type QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { receptionTexts } from "../../texts/reception";
import { commonTexts } from "../../texts/common";
import { LiveBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Select } from "../../ui/staff/Select";
import { CheckInForm } from "./CheckInForm";
import { Gone } from "./Gone";
import { QueueTable } from "./QueueTable";
import { useGone } from "./useGone";
import { VisitDialog } from "./VisitDialog";
import "./reception.css";

const PosterDialog = lazy(() => import("./PosterDialog"));

/** The desk: check somebody in, find somebody, move somebody. */
export default function Reception() {
  const departments = useDepartments();
  if (departments.error !== null) return <ErrorText error={failureOf(departments.error)} />;
  if (departments.data === undefined) return <Loading />;
  return <Desk departments={departments.data} />;
}

function Desk({ departments }: { departments: readonly Department[] }) {
  const t = useTexts(receptionTexts);
  const common = useTexts(commonTexts);
  const [department, choose] = useChosenDepartment(departments);
  const id = department?.department_id ?? null;
  const gone = useGone(id);
  const queue = useQueue(id, gone.take);
  const [chosen, setChosen] = useState<QueueItem | null>(null);
  const [isPosterOpen, setIsPosterOpen] = useState(false);
  const current = queue.items.find((item) => item.visit_id === chosen?.visit_id) ?? chosen;
  if (department === null) return null;
  return (
    <main id="content" className="page reception">
      <div className="reception-head">
        <h1>{t("title")}</h1>
        <Select
          label={common("department")}
          isLabelHidden
          options={departments.map((one) => ({ id: one.department_id, label: `${one.code} · ${one.name}` }))}
          value={department.department_id}
          onChange={choose}
        />
        <Button onClick={() => setIsPosterOpen(true)}>{t("poster")}</Button>
        <LiveBadge status={queue.status} />
      </div>
      {!department.open && (
        <p className="notice" data-tone="warn">
          {t("close_note")}
        </p>
      )}
      <div className="reception-columns">
        <div className="stack">
          <CheckInForm
            key={department.department_id}
            department={department}
            items={queue.items}
            onDone={queue.refresh}
          />
          <Gone gone={gone} onDone={queue.refresh} />
        </div>
        <div className="stack tight">
          <ErrorText error={queue.error === null ? null : failureOf(queue.error)} />
          {queue.isPending ? <Loading /> : <QueueTable items={queue.items} onChoose={setChosen} />}
        </div>
      </div>
      {isPosterOpen && (
        <Suspense>
          <PosterDialog
            key={department.department_id}
            department={department}
            onClose={() => setIsPosterOpen(false)}
          />
        </Suspense>
      )}
      {current !== null && (
        <VisitDialog
          key={current.visit_id}
          item={current}
          department={department}
          departments={departments}
          onClose={() => setChosen(null)}
          onDone={queue.refresh}
        />
      )}
    </main>
  );
}
