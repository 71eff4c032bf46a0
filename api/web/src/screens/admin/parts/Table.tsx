import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";

export interface Column<T> {
  id: string;
  /** Empty above what can be done with a row. */
  head: string;
  cell: (row: T) => ReactNode;
  /** A number, at the end of its column. */
  isNumber?: boolean;
  /** What the row is known by. */
  isName?: boolean;
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Called when the last rows come into view. */
  onEnd?: (() => void) | undefined;
}

/** Shorter tables are drawn whole. */
const VIRTUAL_FROM = 80;
const ROW_GUESS_PX = 56;

/** Rows and columns; on a phone each row is a card. Of a long table only what is in view is drawn. */
export function DataTable<T>(props: Props<T>) {
  return props.rows.length < VIRTUAL_FROM ? <WholeTable {...props} /> : <LongTable {...props} />;
}

function WholeTable<T>({ label, columns, rows, keyOf }: Props<T>) {
  return (
    <table className="admin-table">
      <caption className="visually-hidden">{label}</caption>
      <Head columns={columns} />
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <Cells columns={columns} row={row} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LongTable<T>({ label, columns, rows, keyOf, onEnd }: Props<T>) {
  const t = useTexts(adminTexts);
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const box = table.current?.getBoundingClientRect();
    if (box !== undefined) setTop(box.top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_GUESS_PX,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
  });
  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const isAtEnd = last !== undefined && last.index >= rows.length - 20;
  useLayoutEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, onEnd, rows.length]);
  const before = first === undefined ? 0 : first.start - top;
  const after = last === undefined ? 0 : virtual.getTotalSize() - (last.end - top);
  return (
    <table className="admin-table" ref={table} aria-rowcount={rows.length + 1}>
      <caption className="visually-hidden">
        {label} ({t("rows", { count: rows.length })})
      </caption>
      <Head columns={columns} />
      <tbody>
        <Gap height={before} columns={columns.length} />
        {items.map((item) => {
          const row = rows[item.index];
          return (
            row !== undefined && (
              <tr
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-rowindex={item.index + 2}
              >
                <Cells columns={columns} row={row} />
              </tr>
            )
          );
        })}
        <Gap height={after} columns={columns.length} />
      </tbody>
    </table>
  );
}

/** Stands for the rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="admin-table-gap">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

function Head<T>({ columns }: { columns: readonly Column<T>[] }) {
  const t = useTexts(adminTexts);
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column.id} scope="col" data-number={column.isNumber === true ? "" : undefined}>
            {column.head === "" ? <span className="visually-hidden">{t("actions")}</span> : column.head}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Cells<T>({ columns, row }: { columns: readonly Column<T>[]; row: T }) {
  return columns.map((column) => {
    const kind = { "data-head": column.head, "data-number": column.isNumber === true ? "" : undefined };
    return column.isName === true ? (
      <th key={column.id} scope="row" {...kind}>
        {column.cell(row)}
      </th>
    ) : (
      <td key={column.id} {...kind}>
        {column.cell(row)}
      </td>
    );
  });
}
