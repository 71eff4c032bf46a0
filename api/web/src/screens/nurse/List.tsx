import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { clinicalTexts } from "../../texts/clinical";
import { commonTexts } from "../../texts/common";
import { nurseTexts } from "../../texts/nurse";
import { minutesSince } from "../../time/times";
import { LevelBadge } from "../../ui/badges";
import { dueAt } from "./due";

interface Props {
  items: readonly QueueItem[];
  now: number;
  chosen: string | null;
  onChoose: (visit: string) => void;
}

/** About the height of a row, pixels; each is measured when it is there. */
const ROW_PX = 76;

/** Patients to choose from; only the rows in sight are drawn. */
export function List({ items, now, chosen, onChoose }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    getItemKey: (index) => items[index]?.visit_id ?? index,
  });
  return (
    <div className="nurse-scroll" ref={scroller}>
      <ul className="nurse-list" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <li
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              aria-setsize={items.length}
              aria-posinset={row.index + 1}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <Row item={item} now={now} isChosen={item.visit_id === chosen} onChoose={onChoose} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface RowProps {
  item: QueueItem;
  now: number;
  isChosen: boolean;
  onChoose: (visit: string) => void;
}

function Row({ item, now, isChosen, onChoose }: RowProps) {
  const t = useTexts(nurseTexts);
  const clinical = useTexts(clinicalTexts);
  const common = useTexts(commonTexts);
  const minutes = (ms: number) => common("minutes", { count: Math.floor(Math.abs(ms) / 60_000) });
  const due = dueAt(item);
  return (
    <button
      type="button"
      className="nurse-row"
      aria-pressed={isChosen}
      onClick={() => onChoose(item.visit_id)}
    >
      <LevelBadge level={item.level} />
      <span className="nurse-who">
        <span className="row">
          <span className="token">{item.token}</span>
          <bdi className="nurse-name">{item.name}</bdi>
        </span>
        <span className="muted small nurse-complaint" dir="auto">
          {item.complaint}
        </span>
        <span className="small muted">
          {clinical("waits", { minutes: common("minutes", { count: minutesSince(item.queued_since, now) }) })}
          {item.needs_review && (
            <span className="badge" data-tone="warn">
              {clinical("needs_review")}
            </span>
          )}
        </span>
      </span>
      {due === null ? (
        <span className="badge" data-tone="calm">
          {t("not_assessed")}
        </span>
      ) : (
        <span className="badge" data-tone={due <= now ? "danger" : undefined}>
          {t(due <= now ? "overdue" : "due_in", { minutes: minutes(due - now) })}
        </span>
      )}
    </button>
  );
}
