import { Texts } from "../../i18n/texts";
import type en from "./en";

export const rulesTexts = new Texts<keyof typeof en>({
  en: () => import("./en"),
  es: () => import("./es"),
  fr: () => import("./fr"),
  ar: () => import("./ar"),
  hi: () => import("./hi"),
});
