import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { failureOf } from "../../api/problem";
import { useChosenDepartment, useDepartments, type Department } from "../../hospital/useDepartments";
import { useQueue } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { useSession } from "../../session/useSession";
import { commonTexts } from "../../texts/common";
import { nurseTexts } from "../../texts/nurse";
import { useNow } from "../../time/times";
import { LiveBadge } from "../../ui/badges";
import { ErrorText } from "../../ui/ErrorText";
import { Empty, Loading } from "../../ui/states";
import { Select } from "../../ui/staff/Select";
import { granted } from "../clinical/granted";
import { Assessment } from "./Assessment";
import { ofTab, type Tab } from "./due";
import { List } from "./List";
import "./nurse.css";

const TABS = ["new", "due", "all"] as const satisfies readonly Tab[];

/** Triage: who is to be looked at, what is found, how urgent it is. */
export default function Nurse() {
  const departments = useDepartments();
  const claims = useSession().who?.claims;
  if (departments.error !== null) return <ErrorText error={failureOf(departments.error)} />;
  if (departments.data === undefined || claims === undefined) return <Loading />;
  return <Work departments={granted(departments.data, claims)} />;
}

function Work({ departments }: { departments: readonly Department[] }) {
  const t = useTexts(nurseTexts);
  const common = useTexts(commonTexts);
  const [department, choose] = useChosenDepartment(departments);
  const [path, go] = useLocation();
  const chosen = new URLSearchParams(useSearch()).get("visit");
  const queue = useQueue(department?.department_id ?? null);
  const now = useNow(15_000);
  const [tab, setTab] = useState<Tab>("new");
  const lists = {
    new: ofTab("new", queue.items, now),
    due: ofTab("due", queue.items, now),
    all: ofTab("all", queue.items, now),
  };
  const items = lists[tab];
  const item = queue.items.find((one) => one.visit_id === chosen) ?? null;
  const choosing = (visit: string | null) => go(visit === null ? path : `${path}?visit=${visit}`);
  if (department === null) return <Empty title={t("none_all")} />;

  return (
    <main id="content" className="page nurse" data-chosen={item === null ? undefined : ""}>
      <div className="nurse-head">
        <h1>{t("title")}</h1>
        {departments.length > 1 && (
          <Select
            label={common("department")}
            isLabelHidden
            options={departments.map((one) => ({
              id: one.department_id,
              label: `${one.code} · ${one.name}`,
            }))}
            value={department.department_id}
            onChange={(id) => {
              choose(id);
              choosing(null);
            }}
          />
        )}
        <LiveBadge status={queue.status} />
      </div>
      <div className="nurse-columns">
        <section className="card stack tight nurse-side">
          <div className="nurse-tabs" role="group" aria-label={t("title")}>
            {TABS.map((one) => (
              <button key={one} type="button" aria-pressed={one === tab} onClick={() => setTab(one)}>
                {t(`tab_${one}`)}
                <span
                  className="badge"
                  data-tone={one === "due" && lists.due.length > 0 ? "danger" : undefined}
                >
                  {lists[one].length}
                </span>
              </button>
            ))}
          </div>
          <ErrorText error={queue.error === null ? null : failureOf(queue.error)} />
          {items.length === 0 && !queue.isPending ? (
            <Empty title={t(`none_${tab}`)}>
              <p>{t("none_text")}</p>
            </Empty>
          ) : (
            <List items={items} now={now} chosen={chosen} onChoose={choosing} />
          )}
        </section>
        {item === null ? (
          <section className="card nurse-choose">
            <Empty title={t("choose")}>
              <p>{t("choose_text")}</p>
            </Empty>
          </section>
        ) : (
          <Assessment
            key={item.visit_id}
            item={item}
            onBack={() => choosing(null)}
            onSettled={queue.refresh}
          />
        )}
      </div>
    </main>
  );
}
