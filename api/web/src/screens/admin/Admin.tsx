import { Link, Redirect, useRoute } from "wouter";
import { failureOf } from "../../api/problem";
import { useDepartments, type Department } from "../../hospital/useDepartments";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { ErrorText } from "../../ui/ErrorText";
import { Loading } from "../../ui/states";
import { Audit } from "./Audit";
import { DayClose } from "./DayClose";
import { Departments } from "./Departments";
import { Links } from "./Links";
import { Overview } from "./Overview";
import { Parked } from "./Parked";
import { Quality } from "./Quality";
import { Staff } from "./Staff";
import "./admin.css";

const PARTS = {
  overview: Overview,
  departments: Departments,
  staff: Staff,
  links: Links,
  audit: Audit,
  parked: Parked,
  quality: Quality,
  day: DayClose,
} as const;

export interface PartProps {
  departments: readonly Department[];
}

type Part = keyof typeof PARTS;

/** How the hospital is set up, how it runs, and who did what. */
export default function Admin() {
  const t = useTexts(adminTexts);
  const departments = useDepartments();
  const [, params] = useRoute("/admin/:part");
  const part = params?.part;
  if (part === undefined || !(part in PARTS)) return <Redirect to="/admin/overview" replace />;
  const Content = PARTS[part as Part];
  return (
    <main id="content" className="page admin">
      <h1 className="visually-hidden">{t("title")}</h1>
      <nav className="admin-parts" aria-label={t("title")}>
        {(Object.keys(PARTS) as Part[]).map((one) => (
          <Link key={one} href={`/admin/${one}`} aria-current={one === part ? "page" : undefined}>
            {t(`part_${one}`)}
          </Link>
        ))}
      </nav>
      <div className="stack">
        {departments.error !== null && <ErrorText error={failureOf(departments.error)} />}
        {departments.data === undefined ? <Loading /> : <Content departments={departments.data} />}
      </div>
    </main>
  );
}
