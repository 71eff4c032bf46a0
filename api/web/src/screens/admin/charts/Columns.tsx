import { useLanguage } from "../../../i18n/LanguageProvider";
import { ticks } from "./scale";

export interface Series {
  name: string;
  colour: string;
  /** One value for each label; null where there is none. */
  values: readonly (number | null)[];
}

interface Props {
  labels: readonly string[];
  series: readonly Series[];
  /** Whether the values are joined by lines instead of standing as columns. */
  isLine?: boolean;
  /** Axis in wholes only. */
  isCount?: boolean;
  format?: (value: number) => string;
  /** A level across the chart, such as a target. */
  line?: number;
}

const WIDTH = 640;
const HEIGHT = 220;
const AXIS = 40;
const FOOT = 24;

/** Values over time, as groups of columns or as lines. A picture only: the figures stand in the table. */
export function Columns({ labels, series, isLine = false, isCount = false, format, line }: Props) {
  const { locale, language } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const write = format ?? ((value: number) => number.format(value));
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  const marks = ticks(Math.max(0, line ?? 0, ...values), 4, isCount ? 1 : 0);
  const full = marks.at(-1) ?? 1;
  const isMirrored = language === "ar";
  const inner = WIDTH - AXIS;
  const slot = inner / Math.max(1, labels.length);
  const x = (offset: number) => (isMirrored ? inner - offset : AXIS + offset);
  const y = (value: number) => HEIGHT - FOOT - (value / full) * (HEIGHT - FOOT - 10);
  const every = Math.ceil(labels.length / 7);
  return (
    <svg className="columns" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" direction="ltr">
      {marks.map((mark) => (
        <g key={mark}>
          <line className="columns-grid" x1={x(0)} x2={x(inner)} y1={y(mark)} y2={y(mark)} />
          <text className="columns-text" x={x(-6)} y={y(mark) + 4} textAnchor={isMirrored ? "start" : "end"}>
            {write(mark)}
          </text>
        </g>
      ))}
      {labels.map(
        (label, index) =>
          index % every === 0 && (
            <text
              key={label}
              className="columns-text"
              x={x((index + 0.5) * slot)}
              y={HEIGHT - 6}
              textAnchor="middle"
            >
              {label}
            </text>
          ),
      )}
      {line !== undefined && (
        <line className="columns-target" x1={x(0)} x2={x(inner)} y1={y(line)} y2={y(line)} />
      )}
      {series.map((one, order) =>
        isLine ? (
          <Line key={one.name} series={one} x={(index) => x((index + 0.5) * slot)} y={y} />
        ) : (
          one.values.map((value, index) => {
            if (value === null || value === 0) return null;
            const width = Math.min((slot * 0.7) / series.length, 28);
            const start = (index + 0.5) * slot + (order - series.length / 2) * width;
            return (
              <rect
                key={`${one.name} ${labels[index] ?? index}`}
                data-colour={one.colour}
                x={isMirrored ? x(start + width) : x(start)}
                width={Math.max(1, width - 2)}
                y={y(value)}
                height={HEIGHT - FOOT - y(value)}
                rx="2"
              />
            );
          })
        ),
      )}
    </svg>
  );
}

function Line({
  series,
  x,
  y,
}: {
  series: Series;
  x: (index: number) => number;
  y: (value: number) => number;
}) {
  const points = series.values.flatMap((value, index) =>
    value === null ? [] : [{ index, at: [x(index), y(value)] }],
  );
  // A gap in the values is a gap in the line.
  const path = points
    .map(({ index, at }, order) => `${points[order - 1]?.index === index - 1 ? "L" : "M"}${at.join(" ")}`)
    .join("");
  return (
    <g data-colour={series.colour}>
      <path className="columns-line" d={path} />
      {points.map(({ index, at: [cx, cy] }) => (
        <circle key={index} cx={cx} cy={cy} r="4" />
      ))}
    </g>
  );
}
