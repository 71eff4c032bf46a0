import type { ReactNode } from "react";
import { failureOf } from "../../../api/problem";
import { useTexts } from "../../../i18n/texts";
import { commonTexts } from "../../../texts/common";
import { Button } from "../../../ui/Button";
import { ErrorText } from "../../../ui/ErrorText";

interface HeadProps {
  title: string;
  /** One sentence on what the page is for. */
  lead?: ReactNode;
  /** What can be done here. */
  children?: ReactNode;
}

/** The head of a page: what it is, and what can be done. */
export function PageHead({ title, lead, children }: HeadProps) {
  return (
    <div className="admin-head">
      <div>
        <h1>{title}</h1>
        {lead !== undefined && <p className="muted">{lead}</p>}
      </div>
      {children !== undefined && <div className="row">{children}</div>}
    </div>
  );
}

/** What could not be read, and a way to try again. */
export function ReadError({ error, again }: { error: unknown; again: () => void }) {
  const t = useTexts(commonTexts);
  if (error === null || error === undefined) return null;
  return (
    <div className="stack tight">
      <ErrorText error={failureOf(error)} />
      <div>
        <Button onClick={again}>{t("retry")}</Button>
      </div>
    </div>
  );
}

/** Says that something worked; announced, and there until the next thing is done. */
export function Said({ children }: { children: ReactNode }) {
  return (
    <div role="status">
      {children !== null && children !== "" && (
        <p className="notice" data-tone="good">
          {children}
        </p>
      )}
    </div>
  );
}

/** A figure that is to be seen from afar. */
export function Tile({
  label,
  value,
  detail,
  tone,
}: {
  label: string;
  value: ReactNode;
  detail?: ReactNode;
  tone?: string;
}) {
  return (
    <div className="admin-tile" data-tone={tone}>
      <dt>{label}</dt>
      <dd>
        <strong>{value}</strong>
        {detail !== undefined && <span className="small">{detail}</span>}
      </dd>
    </div>
  );
}
