/** A cell of an export. Numbers and booleans are ours; texts may come from strangers. */
export type Cell = string | number | boolean | null | undefined;

/** Signs with which a spreadsheet begins a formula, also as East Asian keyboards write them. */
const FORMULA = /^[\s\u200b\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;
/** What makes a spreadsheet begin another cell, followed by such a sign: a program may split where RFC 4180 does not. */
const INNER = /([;\t\r\n])(?=[\s\u200b\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;
const BEGINS_BLANK = /^[\t\r\n]/;
const NEEDS_QUOTES = /[",;\r\n\t]|^\s|\s$/;

/**
 * A table as RFC 4180 has it, lines ended by CR LF, with a byte order mark so that spreadsheets read UTF-8.
 *
 * Texts that a spreadsheet would take for a formula get an apostrophe in front.
 */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(field).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function field(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const safe = neutral(value);
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The text as no spreadsheet takes it for a formula. */
export function neutral(text: string): string {
  const inert = text.replace(INNER, "$1'");
  return FORMULA.test(inert) || BEGINS_BLANK.test(inert) ? `'${inert}` : inert;
}

/** Gives the browser a file to keep. */
export function download(name: string, content: Blob | string, type = "text/csv;charset=utf-8"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
