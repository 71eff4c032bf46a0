import type { Schemas } from "../../../api/client";
import type { Cell } from "../parts/csv";

type Figures = Schemas["Figures"];

const HEAD = [
  "of",
  "name",
  "suggested",
  "raised",
  "failed",
  "stale_refused",
  "refused_otherwise",
  "compared",
  "agreed",
  "under_triaged",
  "over_triaged",
  "independent_compared",
  "independent_agreed",
  "independent_under_triaged",
  "independent_over_triaged",
  "override_rate",
  "floor_override_rate",
  "latency_p50_ms",
  "latency_p95_ms",
];

/** The figures as a table for programs: all, then each model, then each day. */
export function qualityTable(quality: Schemas["TriageQuality"]): { head: string[]; rows: Cell[][] } {
  const rows = [
    line("total", "", quality.total),
    ...quality.models.map((one) => line("model", one.model, one.figures)),
    ...quality.days.map((one) => line("day", one.day, one.figures)),
  ];
  return { head: HEAD, rows };
}

function line(of: string, name: string, figures: Figures): Cell[] {
  const compared = (one: Schemas["Comparison"]) => [
    one.compared,
    one.agreed,
    one.under_triaged,
    one.over_triaged,
  ];
  return [
    of,
    name,
    figures.suggested,
    figures.raised,
    figures.failed,
    figures.stale_refused,
    figures.refused_otherwise,
    ...compared(figures.clinicians),
    ...compared(figures.independent),
    figures.override_rate,
    figures.floor_override_rate,
    figures.latency_p50_ms,
    figures.latency_p95_ms,
  ];
}
