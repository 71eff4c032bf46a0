/**
 * The wait as a range, minutes. The api's figure is half way: consultations of a day spread by about half of their
 * median, so the range opens as the wait grows, and never promises more than five minutes' precision.
 */
export function rangeOf(minutes: number): { from: number; to: number } {
  const from = Math.floor((minutes * 0.7) / 5) * 5;
  const to = Math.ceil((minutes * 1.5) / 5) * 5;
  return { from, to: Math.max(to, from + 5) };
}
