import { useLanguage } from "../../../i18n/LanguageProvider";

export interface Segment {
  /** One of the colours that charts.css names. */
  colour: string;
  value: number;
  name: string;
}

export interface Bar {
  id: string;
  label: string;
  segments: readonly Segment[];
  /** What stands behind the bar. */
  figure: string;
  /** A mark on the bar, in the same unit: a target. */
  mark?: number;
  tone?: "danger";
}

/** Horizontal bars, each of one or more parts, as wide as their values. A picture only: the figures stand in the table. */
export function Bars({ bars, max }: { bars: readonly Bar[]; max?: number }) {
  const { locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const total = (bar: Bar) => bar.segments.reduce((sum, segment) => sum + segment.value, 0);
  // A mark at the very end would be cut off.
  const full = Math.max(max ?? 0, ...bars.map(total), ...bars.map((bar) => (bar.mark ?? 0) * 1.03), 1);
  return (
    <div className="bars" aria-hidden="true">
      {bars.map((bar) => (
        <div key={bar.id} className="bars-row">
          <bdi className="bars-label">{bar.label}</bdi>
          <div className="bars-track">
            {bar.segments
              .filter((segment) => segment.value > 0)
              .map((segment) => (
                <span
                  key={segment.name}
                  className="bars-part"
                  data-colour={segment.colour}
                  title={`${segment.name}: ${number.format(segment.value)}`}
                  style={{ inlineSize: `${(segment.value / full) * 100}%` }}
                >
                  {bar.segments.length > 1 && segment.value / full > 0.06 ? number.format(segment.value) : ""}
                </span>
              ))}
            {bar.mark !== undefined && (
              <span className="bars-mark" style={{ insetInlineStart: `${(bar.mark / full) * 100}%` }} />
            )}
          </div>
          <span className="bars-figure" data-tone={bar.tone}>
            {bar.figure}
          </span>
        </div>
      ))}
    </div>
  );
}
