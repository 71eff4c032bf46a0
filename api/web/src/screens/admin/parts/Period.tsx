import { Select } from "../../../ui/staff/Select";
import { useTexts } from "../../../i18n/texts";
import { figuresTexts } from "../../../texts/figures";

export const PERIODS = { hours_24: 1, days_7: 7, days_30: 30, days_90: 90 } as const;
export type PeriodId = keyof typeof PERIODS;

const DAY_MS = 86_400_000;

/** The period that ends now. */
export function periodOf(id: PeriodId, now = Date.now()): { from: string; to: string } {
  return { from: new Date(now - PERIODS[id] * DAY_MS).toISOString(), to: new Date(now).toISOString() };
}

export function PeriodChoice({ value, onChange }: { value: PeriodId; onChange: (id: PeriodId) => void }) {
  const t = useTexts(figuresTexts);
  return (
    <Select
      label={t("period")}
      value={value}
      options={(Object.keys(PERIODS) as PeriodId[]).map((id) => ({ id, label: t(id) }))}
      onChange={(id) => onChange(id as PeriodId)}
    />
  );
}
