import { useLanguage } from "../../../i18n/LanguageProvider";
import { useTexts } from "../../../i18n/texts";
import { commonTexts } from "../../../texts/common";
import { figuresTexts } from "../../../texts/figures";
import { useTimes } from "../../../time/times";
import { Bars, type Bar } from "../charts/Bars";
import { Columns } from "../charts/Columns";
import { Figure } from "../charts/Figure";
import { stretches, type Happening } from "./hall";
import type { Seen } from "./Overview";

const LEVELS = [1, 2, 3, 4, 5] as const;
const STRETCH_MS = 10 * 60_000;
const STRETCHES = 12;

/** Who waits, by level. */
export function LevelsChart({ seen }: { seen: readonly Seen[] }) {
  const t = useTexts(figuresTexts);
  const common = useTexts(commonTexts);
  const name = (level: (typeof LEVELS)[number]) => `${level} · ${common(`level_${level}`)}`;
  const bars = seen.map(({ department, glance }): Bar => ({
    id: department.department_id,
    label: department.name,
    figure: t("people", { count: glance.waiting }),
    segments: LEVELS.map((level) => ({
      colour: String(level),
      name: name(level),
      value: glance.levels[level - 1] ?? 0,
    })),
  }));
  return (
    <Figure
      title={t("waiting_by_level")}
      head={[common("department"), ...LEVELS.map(name), t("all")]}
      rows={seen.map(({ department, glance }) => [department.name, ...glance.levels, glance.waiting])}
      legend={LEVELS.map((level) => ({ name: name(level), colour: String(level) }))}
    >
      <Bars bars={bars} max={4} />
    </Figure>
  );
}

/** How much of its target each level's longest wait has used up. */
export function TargetsChart({ seen }: { seen: readonly Seen[] }) {
  const t = useTexts(figuresTexts);
  const common = useTexts(commonTexts);
  const lines = seen.flatMap(({ department, glance }) =>
    LEVELS.flatMap((level) => {
      if ((glance.levels[level - 1] ?? 0) === 0) return [];
      const waited = Math.round(glance.longest[level - 1] ?? 0);
      const target = department.target_minutes[level - 1] ?? 0;
      return [{ department, level, waited, target }];
    }),
  );
  const bars = lines.map(({ department, level, waited, target }): Bar => ({
    id: `${department.department_id} ${level}`,
    label: `${department.code} · ${common("level", { level })}`,
    figure: t("minutes", { count: waited }),
    segments: [
      { colour: waited > target ? "danger" : String(level), name: t("longest_wait"), value: waited },
    ],
    mark: target,
    ...(waited > target ? { tone: "danger" as const } : {}),
  }));
  return (
    <Figure
      title={t("against_targets")}
      detail={t("against_targets_detail")}
      head={[common("department"), t("level"), t("longest_wait"), t("target")]}
      rows={lines.map((line) => [
        line.department.name,
        line.level,
        t("minutes", { count: line.waited }),
        t("minutes", { count: line.target }),
      ])}
    >
      {bars.length === 0 ? <p className="empty">{t("nobody_waits")}</p> : <Bars bars={bars} max={10} />}
    </Figure>
  );
}

interface TrendProps {
  happenings: readonly Happening[];
  now: number;
  since: number;
}

/** Who came, was called, and was done, in the last two hours. */
export function ThroughputChart({ happenings, now, since }: TrendProps) {
  const t = useTexts(figuresTexts);
  const times = useTimes();
  const found = stretches(happenings, now, STRETCH_MS, STRETCHES);
  const labels = found.map((one) => times.clock(one.from));
  const series = [
    { name: t("arrived"), colour: "5", values: found.map((one) => one.arrived) },
    { name: t("were_called"), colour: "2", values: found.map((one) => one.called) },
    { name: t("finished"), colour: "4", values: found.map((one) => one.finished) },
  ];
  return (
    <Figure
      title={t("throughput")}
      detail={t("since_opened", { time: times.clock(since) })}
      head={[t("from"), ...series.map((one) => one.name)]}
      rows={found.map((one, index) => [labels[index] ?? "", one.arrived, one.called, one.finished])}
      legend={series}
    >
      <Columns labels={labels} series={series} isCount />
    </Figure>
  );
}

/** How long those waited who were called in the last two hours. */
export function WaitsChart({ happenings, now, since }: TrendProps) {
  const t = useTexts(figuresTexts);
  const times = useTimes();
  const { locale } = useLanguage();
  const found = stretches(happenings, now, STRETCH_MS, STRETCHES);
  const labels = found.map((one) => times.clock(one.from));
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const write = (value: number | null) => (value === null ? "–" : number.format(value));
  const series = [
    { name: t("wait_p50"), colour: "brand", values: found.map((one) => one.waitP50) },
    { name: t("longest_wait"), colour: "soft", values: found.map((one) => one.waitMax) },
  ];
  return (
    <Figure
      title={t("waits_of_called")}
      detail={t("since_opened", { time: times.clock(since) })}
      head={[t("from"), ...series.map((one) => one.name)]}
      rows={found.map((one, index) => [labels[index] ?? "", write(one.waitP50), write(one.waitMax)])}
      legend={series}
    >
      <Columns labels={labels} series={series} isLine />
    </Figure>
  );
}
