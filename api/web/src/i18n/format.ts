export type Values = Readonly<Record<string, string | number>>;

/**
 * Fills a message in: `{name}`, and `{count, plural, one {# patient} other {# patients}}` with the categories of
 * the language. The small part of ICU's message format that we need.
 */
export function format(message: string, values: Values, locale: string): string {
  let text = "";
  let at = 0;
  while (at < message.length) {
    const open = message.indexOf("{", at);
    if (open < 0) return text + message.slice(at);
    const close = closing(message, open);
    text += message.slice(at, open) + fill(message.slice(open + 1, close), values, locale);
    at = close + 1;
  }
  return text;
}

function fill(inner: string, values: Values, locale: string): string {
  const plural = /^(\w+), plural, /.exec(inner);
  const name = plural?.[1] ?? inner;
  const value = values[name];
  if (value === undefined) return `{${inner}}`;
  if (plural === null) return show(value, locale);
  const forms = formsOf(inner.slice(plural[0].length));
  const category = new Intl.PluralRules(locale).select(Number(value));
  const form = forms.get(`=${value}`) ?? forms.get(category) ?? forms.get("other") ?? "";
  return format(form.replaceAll("#", show(value, locale)), values, locale);
}

function show(value: string | number, locale: string): string {
  return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
}

function formsOf(text: string): Map<string, string> {
  const forms = new Map<string, string>();
  let at = 0;
  for (;;) {
    const open = text.indexOf("{", at);
    if (open < 0) return forms;
    const close = closing(text, open);
    forms.set(text.slice(at, open).trim(), text.slice(open + 1, close));
    at = close + 1;
  }
}

/** The brace that closes the one at `open`; the end of the text when none does. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return text.length;
}
