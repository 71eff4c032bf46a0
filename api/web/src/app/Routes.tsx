import { lazy, Suspense, type ComponentType } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { Role } from "../session/claims";
import { Loading } from "../ui/states";
import { ErrorBoundary } from "./ErrorBoundary";

/** A screen: where it is, what loads it, and who may see it; null for anybody. */
interface Screen {
  path: string;
  name: string;
  roles: readonly Role[] | null;
  load: () => Promise<{ default: ComponentType }>;
  /** Whether it fills the page by itself: phones, kiosks and televisions have no bar of the staff. */
  isBare?: boolean;
}

const STAFF: readonly Role[] = ["ADMIN", "RECEPTION", "NURSE", "DOCTOR", "DISPLAY"];

/** Every screen is loaded when somebody goes there, so that a phone never loads what an administrator needs. */
const SCREENS: readonly Screen[] = [
  { path: "/", name: "home", roles: null, isBare: true, load: () => import("../screens/home/Home") },
  {
    path: "/checkin",
    name: "checkin",
    roles: null,
    isBare: true,
    load: () => import("../screens/checkin/CheckIn"),
  },
  {
    path: "/kiosk",
    name: "kiosk",
    roles: null,
    isBare: true,
    load: () => import("../screens/checkin/Kiosk"),
  },
  { path: "/visit", name: "visit", roles: null, isBare: true, load: () => import("../screens/visit/Visit") },
  { path: "/board", name: "board", roles: STAFF, isBare: true, load: () => import("../screens/board/Board") },
  {
    path: "/sign-in",
    name: "sign-in",
    roles: null,
    isBare: true,
    load: () => import("../screens/signin/SignIn"),
  },
  {
    path: "/forgot-password",
    name: "forgot",
    roles: null,
    isBare: true,
    load: () => import("../screens/signin/ForgotPassword"),
  },
  {
    path: "/reset-password",
    name: "reset",
    roles: null,
    isBare: true,
    load: () => import("../screens/signin/ResetPassword"),
  },
  {
    path: "/accept-invitation",
    name: "accept",
    roles: null,
    isBare: true,
    load: () => import("../screens/signin/AcceptInvitation"),
  },
  { path: "/account", name: "account", roles: STAFF, load: () => import("../screens/account/Account") },
  { path: "/doctor", name: "doctor", roles: ["DOCTOR"], load: () => import("../screens/doctor/Doctor") },
  { path: "/nurse", name: "nurse", roles: ["NURSE", "DOCTOR"], load: () => import("../screens/nurse/Nurse") },
  {
    path: "/reception",
    name: "reception",
    roles: ["RECEPTION", "ADMIN", "NURSE"],
    load: () => import("../screens/reception/Reception"),
  },
];

const Staff = lazy(() => import("./Staff"));

export function Routes() {
  return (
    <Switch>
      {SCREENS.map((screen) => (
        <Route key={screen.name} path={screen.path}>
          <Place screen={screen} />
        </Route>
      ))}
      <Route path="/index.html">
        <Redirect to="/" />
      </Route>
      <Route>
        <Missing />
      </Route>
    </Switch>
  );
}

const COMPONENTS = new Map(SCREENS.map((screen) => [screen.name, lazy(screen.load)]));
const Missing = lazy(() => import("./Missing"));

function Place({ screen }: { screen: Screen }) {
  const Component = COMPONENTS.get(screen.name);
  if (Component === undefined) return null;
  const content = (
    <ErrorBoundary key={screen.name} name={screen.name}>
      <Suspense fallback={<Loading />}>
        <Component />
      </Suspense>
    </ErrorBoundary>
  );
  if (screen.roles === null) return content;
  return (
    <Staff roles={screen.roles} isBare={screen.isBare ?? false}>
      {content}
    </Staff>
  );
}
