import type { Translate } from "../../i18n/texts";
import type en from "../../texts/clinical/en";
import { fieldOf, type SignName, type Signs } from "./news2";
import type { Visit } from "./useVisit";

type Words = Translate<keyof typeof en>;

/** Age in completed years, by the date of birth or as told; null when neither is known. */
export function ageOf(visit: Pick<Visit, "patient" | "service_day">): number | null {
  const { birth_date: born, age_years: told } = visit.patient ?? {};
  if (born === undefined) return told ?? null;
  const [year = 0, month = 0, day = 0] = born.split("-").map(Number);
  const [nowYear = 0, nowMonth = 0, nowDay = 0] = visit.service_day.split("-").map(Number);
  const hadBirthday = nowMonth > month || (nowMonth === month && nowDay >= day);
  return Math.max(0, nowYear - year - (hadBirthday ? 0 : 1));
}

/** Whether somebody said so in answer to a question, which is what the rules go by. */
export function isPregnant(visit: Pick<Visit, "answers">): boolean {
  return visit.answers?.some((one) => one.question === "pregnant" && one.yes) ?? false;
}

/** A sign with its unit; a dash when it has no value. */
export function shown(sign: SignName, signs: Signs, t: Words): string {
  const value = signs[fieldOf(sign)];
  if (value === undefined) return "–";
  switch (sign) {
    case "RESPIRATORY_RATE":
    case "HEART_RATE":
      return `${String(value)} ${t("unit_per_min")}`;
    case "OXYGEN_SATURATION":
      return `${String(value)} %`;
    case "ON_OXYGEN":
      return t(value === true ? "oxygen" : "air");
    case "SYSTOLIC_BP":
    case "DIASTOLIC_BP":
      return `${String(value)} mmHg`;
    case "TEMPERATURE":
      return `${Number(value).toFixed(1)} °C`;
    case "CONSCIOUSNESS":
      return signs.consciousness === undefined ? "–" : t(`acvpu_${signs.consciousness}`);
    case "GLUCOSE":
      return `${Number(value).toFixed(1)} mmol/L`;
    case "CAPILLARY_REFILL":
      return `${String(value)} ${t("unit_s")}`;
    case "PAIN":
      return `${String(value)}/10`;
  }
}
