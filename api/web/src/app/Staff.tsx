import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Redirect } from "wouter";
import { answer, api } from "../api/client";
import { ApiError } from "../api/problem";
import { useTexts } from "../i18n/texts";
import type { Role } from "../session/claims";
import { signOut } from "../session/session";
import { useSession } from "../session/useSession";
import { commonTexts } from "../texts/common";
import { useNow, ZoneProvider } from "../time/times";
import { Button } from "../ui/Button";
import { ErrorText } from "../ui/ErrorText";
import { Loading } from "../ui/states";
import { TopBar } from "./TopBar";

interface Props {
  roles: readonly Role[];
  isBare: boolean;
  children: ReactNode;
}

/** The hospital that the caller's credential belongs to. */
export function useFacility() {
  return useQuery({
    queryKey: ["facility"],
    queryFn: () => answer(api.GET("/api/v1/facility")),
    staleTime: Infinity,
  });
}

/** Lets in who may see a screen, and sends others where they get on. */
export default function Staff({ roles, isBare, children }: Props) {
  const session = useSession();
  if (session.status === "restoring") return <Restoring />;
  if (session.who === null) {
    const back = encodeURIComponent(location.pathname + location.search);
    return <Redirect to={`/sign-in?back=${back}`} replace />;
  }
  const role = session.who.claims.role;
  if (role === null || !roles.includes(role)) return <NotYours />;
  return <InZone isBare={isBare}>{children}</InZone>;
}

/** So long the api may take to say who is signed in before the person is told, milliseconds. */
const PATIENCE_MS = 5_000;
const AWAY = new ApiError({ kind: "network" });

/** Goes on trying; says why it takes so long. */
function Restoring() {
  const [begun] = useState(() => Date.now());
  const now = useNow(1_000);
  return (
    <>
      <Loading />
      {now - begun > PATIENCE_MS && <ErrorText error={AWAY} />}
    </>
  );
}

function InZone({ isBare, children }: { isBare: boolean; children: ReactNode }) {
  const facility = useFacility();
  return (
    <ZoneProvider zone={facility.data?.timezone}>
      {!isBare && <TopBar facility={facility.data?.name ?? ""} />}
      {children}
    </ZoneProvider>
  );
}

function NotYours() {
  const t = useTexts(commonTexts);
  return (
    <main className="centre">
      <h1>{t("not_yours_title")}</h1>
      <p>{t("not_yours_text")}</p>
      <Button kind="primary" onClick={() => void signOut()}>
        {t("sign_out")}
      </Button>
    </main>
  );
}
