import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useRef, useState } from "react";
import { matches } from "../../hospital/find";
import type { QueueItem } from "../../hospital/useQueue";
import { useTexts } from "../../i18n/texts";
import { commonTexts } from "../../texts/common";
import { receptionTexts } from "../../texts/reception";
import { minutesSince, useNow } from "../../time/times";
import { LevelBadge, StateBadge } from "../../ui/badges";
import { Button } from "../../ui/Button";
import { TextInput } from "../../ui/Field";
import { Empty } from "../../ui/states";

interface Props {
  items: readonly QueueItem[];
  onChoose: (item: QueueItem) => void;
}

const ROW_PX = 68;

/** Everybody in the department, in the order of calling. Only the rows that are seen are made. */
export function QueueTable({ items, onChoose }: Props) {
  const t = useTexts(receptionTexts);
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text);
  const found = items.filter((item) => matches(item, wanted));
  return (
    <section className="card stack reception-queue">
      <div className="row spread">
        <TextInput
          label={t("find")}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="badge">{t("count", { count: found.length })}</span>
      </div>
      {found.length === 0 ? (
        <Empty title={t(items.length === 0 ? "empty_title" : "nothing_found")}>
          {items.length === 0 && <span>{t("empty_text")}</span>}
        </Empty>
      ) : (
        <Rows items={found} onChoose={onChoose} />
      )}
    </section>
  );
}

function Rows({ items, onChoose }: Props) {
  const t = useTexts(receptionTexts);
  const common = useTexts(commonTexts);
  const now = useNow(15_000);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => items[index]?.visit_id ?? index,
  });
  return (
    <div role="table" aria-label={t("title")} aria-rowcount={items.length + 1} className="queue-table">
      <div role="row" aria-rowindex={1} className="queue-row queue-heads">
        <span role="columnheader">{common("token")}</span>
        <span role="columnheader">{t("patient")}</span>
        <span role="columnheader">{t("state")}</span>
        <span role="columnheader">{t("waited")}</span>
        <span role="columnheader" className="queue-last">
          {t("actions")}
        </span>
      </div>
      {/* A region that scrolls can be reached and scrolled by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} className="queue-scroll" role="rowgroup" tabIndex={0}>
        <div role="presentation" className="queue-space" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            return (
              <div
                key={row.key}
                role="row"
                aria-rowindex={row.index + 2}
                className="queue-row"
                data-state={item.state}
                style={{ height: row.size, transform: `translateY(${row.start}px)` }}
              >
                <Cells item={item} now={now} onChoose={onChoose} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cells({
  item,
  now,
  onChoose,
}: {
  item: QueueItem;
  now: number;
  onChoose: (item: QueueItem) => void;
}) {
  const t = useTexts(receptionTexts);
  const common = useTexts(commonTexts);
  const waited = minutesSince(item.queued_since, now);
  const isWaiting = item.state === "WAITING" || item.state === "URGENT";
  return (
    <>
      <span role="cell" className="row queue-token">
        <LevelBadge level={item.level} />
        <span className="token">{item.token ?? "–"}</span>
      </span>
      <span role="cell" className="queue-patient">
        <bdi className="queue-name">{item.name ?? "–"}</bdi>
        <bdi className="muted small queue-complaint">{item.complaint}</bdi>
      </span>
      <span role="cell" className="queue-state">
        <StateBadge state={item.state} />
        {item.room !== undefined && <span className="small">{t("in_room", { room: item.room })}</span>}
        {item.position !== undefined && <span className="muted small">#{item.position}</span>}
      </span>
      <span
        role="cell"
        className="queue-waited"
        data-late={(isWaiting && waited > item.target_minutes) || undefined}
      >
        {isWaiting && (
          <>
            {common("minutes", { count: waited })}
            <span className="muted small"> {t("target", { count: item.target_minutes })}</span>
          </>
        )}
      </span>
      <span role="cell" className="queue-last">
        <Button size="small" onClick={() => onChoose(item)}>
          {t("actions")} <span className="visually-hidden">{item.token}</span>
        </Button>
      </span>
    </>
  );
}
