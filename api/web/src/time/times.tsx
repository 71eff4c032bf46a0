import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { useLanguage } from "../i18n/LanguageProvider";

const Zone = createContext<string | undefined>(undefined);

/** Times below are shown in this IANA zone: the facility's, not the device's. */
export function ZoneProvider({ zone, children }: { zone: string | undefined; children: ReactNode }) {
  return <Zone value={zone}>{children}</Zone>;
}

export interface Times {
  /** Hours and minutes. */
  clock: (instant: string | number) => string;
  /** Date, hours and minutes. */
  dateTime: (instant: string | number) => string;
}

/** Writes instants as people of the facility do. */
export function useTimes(): Times {
  const zone = use(Zone);
  const { locale } = useLanguage();
  return useMemo(() => {
    const inZone = zone === undefined ? {} : { timeZone: zone };
    const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short", ...inZone });
    const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", ...inZone });
    return {
      clock: (instant) => clock.format(new Date(instant)),
      dateTime: (instant) => dateTime.format(new Date(instant)),
    };
  }, [zone, locale]);
}

/** The present, renewed every so often, milliseconds since 1970. */
export function useNow(everyMs = 10_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Whole minutes from an instant until now, never negative. */
export function minutesSince(instant: string | number, now: number): number {
  return Math.max(0, Math.floor((now - new Date(instant).getTime()) / 60_000));
}
