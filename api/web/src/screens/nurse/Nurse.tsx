import { useState } from "react";
import { failureOf } from "../../api/problem";
import { useChosenDepartment, useDepartments, type Department } from "../../hospital/useDepartments";
import { useQueue, type QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { nurseTexts } from "../../texts/nurse";
import { useNow, useTimes } from "../../time/times";
import { LevelBadge, LiveBadge } from "../../ui/badges";
import { ErrorText } from "../../ui/ErrorText";
import { Empty, Loading } from "../../ui/states";
import { Select } from "../../ui/staff/Select";
import { Assessment } from "./Assessment";
import { byDue, dueIn } from "./due";
import "./nurse.css";

/** Triage: who is to be looked at, and what is found. */
export default function Nurse() {
  const departments = useDepartments();
  if (departments.error !== null) return <ErrorText error={failureOf(departments.error)} />;
  if (departments.data === undefined) return <Loading />;
  return <Work departments={departments.data} />;
}

function Work({ departments }: { departments: readonly Department[] }) {
  const t = useTexts(nurseTexts);
  const common = useTexts(commonTexts);
  const [department, choose] = useChosenDepartment(departments);
  const queue = useQueue(department?.department_id ?? null);
  const now = useNow(15_000);
  const [chosen, setChosen] = useState<string | null>(null);
  const list = byDue(queue.items, now);
  const item = queue.items.find((one) => one.visit_id === chosen) ?? null;
  if (department === null) return null;
  return (
    <main id="content" className="page nurse">
      <div className="nurse-head">
        <h1>{t("title")}</h1>
        <Select
          label={common("department")}
          isLabelHidden
          options={departments.map((one) => ({ id: one.department_id, label: `${one.code} · ${one.name}` }))}
          value={department.department_id}
          onChange={choose}
        />
        <LiveBadge status={queue.status} />
      </div>
      <div className="nurse-columns">
        <section className="card stack tight">
          <h2>
            {t("due_list")} <span className="badge">{list.filter((one) => dueIn(one, now) <= 0).length}</span>
          </h2>
          <ErrorText error={queue.error === null ? null : failureOf(queue.error)} />
          {list.length === 0 && !queue.isPending && <Empty title={t("nobody")} />}
          <ul className="nurse-list">
            {list.slice(0, 100).map((one) => (
              <li key={one.visit_id}>
                <Row
                  item={one}
                  now={now}
                  isChosen={one.visit_id === chosen}
                  onChoose={() => setChosen(one.visit_id)}
                />
              </li>
            ))}
          </ul>
        </section>
        {item === null ? (
          <section className="card">
            <Empty title={t("choose")}>{t("choose_text")}</Empty>
          </section>
        ) : (
          <Assessment key={item.visit_id} item={item} onDone={queue.refresh} />
        )}
      </div>
    </main>
  );
}

interface RowProps {
  item: QueueItem;
  now: number;
  isChosen: boolean;
  onChoose: () => void;
}

function Row({ item, now, isChosen, onChoose }: RowProps) {
  const t = useTexts(nurseTexts);
  const times = useTimes();
  const due = dueIn(item, now);
  return (
    <button type="button" className="nurse-row" aria-pressed={isChosen} onClick={onChoose}>
      <LevelBadge level={item.level} />
      <span className="nurse-who">
        <span className="row">
          <span className="token">{item.token}</span>
          <bdi>{item.name}</bdi>
        </span>
        <span className="muted small">
          {item.measured_at === undefined ? t("never") : t("last", { time: times.clock(item.measured_at) })}
        </span>
      </span>
      <span className="badge" data-tone={due <= 0 ? "warn" : undefined}>
        {due <= 0 ? t("due_now") : t("due_in", { count: Math.ceil(due / 60_000) })}
      </span>
    </button>
  );
}
