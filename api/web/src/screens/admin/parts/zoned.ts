/** Wall clock times of the facility, as `<input type="datetime-local">` has them, and the instants that they are. */

function partsIn(zone: string, instant: number): Record<string, number> {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
}

/** How far the zone's clocks are ahead of UTC at an instant, milliseconds. */
function offset(zone: string, instant: number): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsIn(zone, instant);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

/** The instant (RFC 3339) of `2026-03-29T09:00` in a zone; null when it is no time. */
export function instantOf(local: string, zone: string): string | null {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return null;
  // The offset of a guess, then of what it gives: right on both sides of a change of clocks.
  const guess = wall - offset(zone, wall);
  return new Date(wall - offset(zone, guess)).toISOString();
}

/** What clocks in the zone show at an instant, such as `2026-03-29T09:00`. */
export function localOf(instant: number, zone: string): string {
  return new Date(instant + offset(zone, instant)).toISOString().slice(0, 16);
}

/** Day of the zone's calendar, such as `2026-03-29`. */
export function dayOf(instant: number, zone: string): string {
  return localOf(instant, zone).slice(0, 10);
}
