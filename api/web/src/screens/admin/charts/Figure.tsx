import { useId, type ReactNode } from "react";
import { useTexts } from "../../../i18n/texts";
import { adminTexts } from "../../../texts/admin";

interface Props {
  title: string;
  detail?: ReactNode;
  /** The same as a table, for everybody who does not read pictures. */
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
  legend?: readonly { name: string; colour: string }[];
  children: ReactNode;
}

/** A chart with its title, its legend, and its figures as a table. */
export function Figure({ title, detail, head, rows, legend, children }: Props) {
  const t = useTexts(adminTexts);
  const id = useId();
  return (
    <figure className="card chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        {detail !== undefined && <p className="small muted">{detail}</p>}
      </figcaption>
      {children}
      {legend !== undefined && (
        <ul className="chart-legend small">
          {legend.map((one) => (
            <li key={one.name}>
              <span className="chart-swatch" data-colour={one.colour} aria-hidden="true" />
              {one.name}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary className="small">{t("as_table")}</summary>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached without a mouse */}
        <div className="chart-table" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                {head.map((text) => (
                  <th key={text} scope="col">
                    {text}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([name, ...cells], index) => (
                <tr key={`${String(name)} ${index}`}>
                  <th scope="row">
                    <bdi>{name}</bdi>
                  </th>
                  {cells.map((cell, column) => (
                    <td key={head[column + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
