import { lazy, Suspense, type ComponentType } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { Role } from "../session/claims";
import { Loading } from "../ui/states";
import { ErrorBoundary } from "./ErrorBoundary";

/** A screen: where it is, what it is, and who may see it; null for anybody. */
interface Screen {
  path: string;
  name: string;
  roles: readonly Role[] | null;
  Component: ComponentType;
  /** Whether it fills the page by itself: phones, kiosks and televisions have no bar of the staff. */
  isBare?: boolean;
}

const STAFF: readonly Role[] = ["ADMIN", "RECEPTION", "NURSE", "DOCTOR", "DISPLAY"];

/** Every screen is loaded when somebody goes there, so that a phone never loads what an administrator needs. */
const SCREENS: readonly Screen[] = [
  {
    path: "/",
    name: "home",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/home/Home")),
  },
  {
    path: "/checkin",
    name: "checkin",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/checkin/CheckIn")),
  },
  {
    path: "/kiosk",
    name: "kiosk",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/checkin/Kiosk")),
  },
  {
    path: "/visit",
    name: "visit",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/visit/Visit")),
  },
  {
    path: "/board",
    name: "board",
    roles: STAFF,
    isBare: true,
    Component: lazy(() => import("../screens/board/Board")),
  },
  {
    path: "/sign-in",
    name: "sign-in",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/signin/SignIn")),
  },
  {
    path: "/forgot-password",
    name: "forgot",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/signin/ForgotPassword")),
  },
  {
    path: "/reset-password",
    name: "reset",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/signin/ResetPassword")),
  },
  {
    path: "/accept-invitation",
    name: "accept",
    roles: null,
    isBare: true,
    Component: lazy(() => import("../screens/signin/AcceptInvitation")),
  },
  {
    path: "/account",
    name: "account",
    roles: STAFF,
    Component: lazy(() => import("../screens/account/Account")),
  },
  {
    path: "/nurse",
    name: "nurse",
    roles: ["NURSE", "DOCTOR"],
    Component: lazy(() => import("../screens/nurse/Nurse")),
  },
  {
    path: "/doctor",
    name: "doctor",
    roles: ["DOCTOR"],
    Component: lazy(() => import("../screens/doctor/Doctor")),
  },
  {
    path: "/reception",
    name: "reception",
    roles: ["RECEPTION", "ADMIN", "NURSE"],
    Component: lazy(() => import("../screens/reception/Reception")),
  },
  {
    path: "/admin/*?",
    name: "admin",
    roles: ["ADMIN"],
    Component: lazy(() => import("../screens/admin/Admin")),
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

const Missing = lazy(() => import("./Missing"));

function Place({ screen }: { screen: Screen }) {
  const content = (
    <ErrorBoundary key={screen.name} name={screen.name}>
      <Suspense fallback={<Loading />}>
        <screen.Component />
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
