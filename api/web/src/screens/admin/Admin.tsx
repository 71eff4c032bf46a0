import { lazy, Suspense, type ComponentType } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { ErrorBoundary } from "../../app/ErrorBoundary";
import { useTexts } from "../../i18n/texts";
import { adminTexts } from "../../texts/admin";
import { Loading } from "../../ui/states";
import "./admin.css";

/** Where an administrator works. Each page is loaded when somebody goes there. */
const PAGES = [
  { path: "/admin", name: "overview", load: () => import("./overview/Overview") },
  { path: "/admin/places", name: "places", load: () => import("./places/Places") },
  { path: "/admin/staff", name: "staff", load: () => import("./staff/Staff") },
  { path: "/admin/links", name: "links", load: () => import("./links/Links") },
  { path: "/admin/reports", name: "reports", load: () => import("./reports/Reports") },
  { path: "/admin/quality", name: "quality", load: () => import("./quality/Quality") },
  { path: "/admin/audit", name: "audit", load: () => import("./audit/Audit") },
  { path: "/admin/parked", name: "parked", load: () => import("./parked/Parked") },
  { path: "/admin/day", name: "day", load: () => import("./day/CloseDay") },
  { path: "/admin/exports", name: "exports", load: () => import("./exports/Exports") },
] as const satisfies readonly {
  path: string;
  name: string;
  load: () => Promise<{ default: ComponentType }>;
}[];

const COMPONENTS = PAGES.map((page) => ({ ...page, Component: lazy(page.load) }));

export default function Admin() {
  const t = useTexts(adminTexts);
  const [location] = useLocation();
  return (
    <div className="admin">
      <nav className="admin-nav" aria-label={t("nav_label")}>
        <ul>
          {PAGES.map((page) => (
            <li key={page.path}>
              <Link href={page.path} aria-current={location === page.path ? "page" : undefined}>
                {t(`nav_${page.name}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" className="admin-page" tabIndex={-1}>
        <Switch>
          {COMPONENTS.map(({ path, name, Component }) => (
            <Route key={path} path={path}>
              <ErrorBoundary key={name} name={`admin-${name}`}>
                <Suspense fallback={<Loading />}>
                  <Component />
                </Suspense>
              </ErrorBoundary>
            </Route>
          ))}
          <Route>
            <Redirect to="/admin" replace />
          </Route>
        </Switch>
      </main>
    </div>
  );
}
