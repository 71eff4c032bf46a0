import type { Schemas } from "../../../api/client";
import type { Cell } from "../parts/csv";

type Statistics = Schemas["Statistics"];

const FIELDS = [
  "stays",
  "completed",
  "transferred",
  "no_shows",
  "cancelled",
  "left_unseen",
  "left_later",
  "expired",
  "open",
  "left_unseen_share",
  "targets_breached",
  "targets_breached_share",
  "wait_p50_minutes",
  "wait_p95_minutes",
  "consultation_p50_minutes",
  "completed_per_hour",
] as const;

/** The figures as a table for programs: names of the api, one line per department, and one for all. */
export function statisticsTable(statistics: Statistics): { head: string[]; rows: Cell[][] } {
  const head = [
    "from",
    "to",
    "code",
    "department",
    ...FIELDS,
    "level_1",
    "level_2",
    "level_3",
    "level_4",
    "level_5",
  ];
  const line = (code: string, name: string, figures: Schemas["QueueFigures"]): Cell[] => [
    statistics.from,
    statistics.to,
    code,
    name,
    ...FIELDS.map((field) => figures[field]),
    ...figures.levels,
  ];
  const rows = statistics.departments.map((one) => line(one.code, one.name, one.figures));
  return { head, rows: [...rows, line("", "", statistics.total)] };
}
