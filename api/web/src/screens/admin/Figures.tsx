import type { Schemas } from "../../api/client";
import { useLanguage } from "../../i18n/LanguageProvider";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { commonTexts } from "../../texts/common";
import { Button } from "../../ui/Button";
import { csv, save } from "./csv";
import { LevelBar } from "./Overview";
import { Scroll } from "./parts";

type Row = Schemas["DepartmentFigures"];

/** A day per department: waits as bars on one scale, and the numbers themselves. */
export function Figures({ figures }: { figures: Schemas["Statistics"] }) {
  const t = useTexts(adminTexts);
  const common = useTexts(commonTexts);
  const { locale } = useLanguage();
  const rows = figures.departments;
  const longest = Math.max(1, ...rows.map((row) => row.figures.wait_p95_minutes ?? 0));
  const share = (value: number | undefined) =>
    value === undefined ? "–" : new Intl.NumberFormat(locale, { style: "percent" }).format(value);
  return (
    <div className="stack">
      <Scroll label={t("figures")}>
        <table className="admin-table">
          <thead>
            <tr>
              <th scope="col">{common("department")}</th>
              <th scope="col">{t("stays")}</th>
              <th scope="col">{t("completed")}</th>
              <th scope="col">{t("left_unseen")}</th>
              <th scope="col">{t("breached")}</th>
              <th scope="col" className="admin-wide">
                {t("wait_half")} / {t("wait_most")}
              </th>
              <th scope="col" className="admin-wide">
                {t("by_level")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.department_id}>
                <th scope="row">
                  <span className="token">{row.code}</span> <bdi>{row.name}</bdi>
                </th>
                <td>{row.figures.stays}</td>
                <td>{row.figures.completed}</td>
                <td>{row.figures.left_unseen}</td>
                <td>{share(row.figures.targets_breached_share)}</td>
                <td>
                  <Waits row={row} longest={longest} />
                </td>
                <td>
                  <LevelBar counts={row.figures.levels} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <div>
        <Button onClick={() => save("medique-figures.csv", csv(table(rows)))}>{t("export")}</Button>
      </div>
    </div>
  );
}

function Waits({ row, longest }: { row: Row; longest: number }) {
  const common = useTexts(commonTexts);
  const half = row.figures.wait_p50_minutes;
  const most = row.figures.wait_p95_minutes;
  if (half === undefined || most === undefined) return <span className="muted">–</span>;
  const percent = (minutes: number) => `${Math.max(1, (minutes / longest) * 100)}%`;
  return (
    <div className="admin-waits">
      <span className="admin-bar" data-kind="half" style={{ inlineSize: percent(half) }} aria-hidden="true" />
      <span className="small">{common("minutes", { count: Math.round(half) })}</span>
      <span className="admin-bar" data-kind="most" style={{ inlineSize: percent(most) }} aria-hidden="true" />
      <span className="small">{common("minutes", { count: Math.round(most) })}</span>
    </div>
  );
}

function table(rows: readonly Row[]) {
  const head = [
    "code",
    "name",
    "stays",
    "completed",
    "left_unseen",
    "targets_breached",
    "wait_p50_minutes",
    "wait_p95_minutes",
  ];
  return [
    head,
    ...rows.map(({ code, name, figures }) => [
      ...[code, name, figures.stays, figures.completed, figures.left_unseen, figures.targets_breached],
      ...[figures.wait_p50_minutes, figures.wait_p95_minutes],
    ]),
  ];
}
