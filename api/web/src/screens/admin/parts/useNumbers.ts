import { useMemo } from "react";
import { useLanguage } from "../../../i18n/LanguageProvider";

export interface Numbers {
  whole: (value: number) => string;
  /** A share of 0 to 1; a dash where there is nothing to share. */
  percent: (share: number | null | undefined) => string;
  /** With one decimal; a dash for nothing. */
  tenth: (value: number | null | undefined) => string;
}

/** Writes numbers as the page's language does. */
export function useNumbers(): Numbers {
  const { locale } = useLanguage();
  return useMemo(() => {
    const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
    const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
    const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    const orDash = (format: Intl.NumberFormat) => (value: number | null | undefined) =>
      value === null || value === undefined ? "–" : format.format(value);
    return { whole: (value) => whole.format(value), percent: orDash(percent), tenth: orDash(tenth) };
  }, [locale]);
}
