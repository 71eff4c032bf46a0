import type { Schemas } from "../../../api/client";
import { useTexts } from "../../../i18n/texts";
import { commonTexts } from "../../../texts/common";
import { figuresTexts } from "../../../texts/figures";
import { Bars } from "../charts/Bars";
import { Figure } from "../charts/Figure";
import { useNumbers } from "../parts/useNumbers";

type Props = { statistics: Schemas["Statistics"] };
const LEVELS = [1, 2, 3, 4, 5] as const;

/** How long people waited: the middle one, with a mark at what 95 of 100 did not exceed. */
export function Waits({ statistics }: Props) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  return (
    <Figure
      title={t("waits")}
      detail={t("waits_detail")}
      head={[t("departments"), t("wait_p50"), t("wait_p95"), t("past_target")]}
      rows={statistics.departments.map(({ name, figures }) => [
        name,
        numbers.tenth(figures.wait_p50_minutes),
        numbers.tenth(figures.wait_p95_minutes),
        numbers.percent(figures.targets_breached_share),
      ])}
    >
      <Bars
        bars={statistics.departments.map(({ department_id, name, figures }) => ({
          id: department_id,
          label: name,
          figure: numbers.tenth(figures.wait_p50_minutes),
          segments: [{ colour: "brand", name: t("wait_p50"), value: figures.wait_p50_minutes ?? 0 }],
          ...(figures.wait_p95_minutes === undefined ? {} : { mark: figures.wait_p95_minutes }),
        }))}
      />
    </Figure>
  );
}

/** How stays ended. */
export function Throughput({ statistics }: Props) {
  const t = useTexts(figuresTexts);
  const numbers = useNumbers();
  const parts = [
    { id: "completed", colour: "4" },
    { id: "transferred", colour: "5" },
    { id: "no_shows", colour: "2" },
    { id: "left_unseen", colour: "1" },
    { id: "open", colour: "soft" },
  ] as const;
  return (
    <Figure
      title={t("outcomes")}
      head={[t("departments"), ...parts.map((part) => t(part.id)), t("stays")]}
      rows={statistics.departments.map(({ name, figures }) => [
        name,
        ...parts.map((part) => numbers.whole(figures[part.id])),
        numbers.whole(figures.stays),
      ])}
      legend={parts.map((part) => ({ name: t(part.id), colour: part.colour }))}
    >
      <Bars
        bars={statistics.departments.map(({ department_id, name, figures }) => ({
          id: department_id,
          label: name,
          figure: t("per_hour", { value: numbers.tenth(figures.completed_per_hour) }),
          segments: parts.map((part) => ({ colour: part.colour, name: t(part.id), value: figures[part.id] })),
        }))}
      />
    </Figure>
  );
}

/** How urgent people were. */
export function LevelShares({ statistics }: Props) {
  const t = useTexts(figuresTexts);
  const common = useTexts(commonTexts);
  const numbers = useNumbers();
  const name = (level: (typeof LEVELS)[number]) => `${level} · ${common(`level_${level}`)}`;
  return (
    <Figure
      title={t("levels")}
      head={[t("departments"), ...LEVELS.map(name)]}
      rows={statistics.departments.map((one) => [one.name, ...one.figures.levels.map(numbers.whole)])}
      legend={LEVELS.map((level) => ({ name: name(level), colour: String(level) }))}
    >
      <Bars
        bars={statistics.departments.map(({ department_id, name: label, figures }) => ({
          id: department_id,
          label,
          figure: numbers.whole(figures.stays),
          segments: LEVELS.map((level) => ({
            colour: String(level),
            name: name(level),
            value: figures.levels[level - 1] ?? 0,
          })),
        }))}
      />
    </Figure>
  );
}
