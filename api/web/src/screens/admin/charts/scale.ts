/** Steps that people like to read: 1, 2 or 5 times a power of ten. */
export function niceStep(max: number, steps: number): number {
  if (max <= 0) return 1;
  const rough = max / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => rough <= one * power * (1 + 1e-9)) ?? 10;
  return factor * power;
}

/** The marks of an axis from zero to a round number at or above the greatest value. */
export function ticks(max: number, steps = 4, least = 0): number[] {
  const step = Math.max(niceStep(max, steps), least);
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Of values in any order: the one below which the share lies; null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}
