//! Service days: facility-local dates that begin at a cut-over hour; and tokens.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The service day that `instant` belongs to.
///
/// A day begins at the first instant at which the clocks of the zone show the cut-over hour, or,
/// where clocks skip that hour, at the first instant after it. An hour that is repeated in autumn
/// therefore never brings yesterday back: later instants never have an earlier day.
pub fn service_day(instant: DateTime<Utc>, timezone: Tz, cutover_hour: u8) -> NaiveDate {
    let local = instant.with_timezone(&timezone).date_naive();
    let mut day = local.checked_add_days(Days::new(1)).unwrap_or(local);
    for _ in 0..3 {
        if begin(day, timezone, cutover_hour) <= instant {
            return day;
        }
        day = day.pred_opt().unwrap_or(day);
    }
    day
}

/// The instant at which a service day begins.
pub fn begin(day: NaiveDate, timezone: Tz, cutover_hour: u8) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(u32::from(cutover_hour.min(23)), 0, 0).unwrap_or_default();
    let wall = day.and_time(time);
    if let Some(instant) = timezone.from_local_datetime(&wall).earliest() {
        return instant.with_timezone(&Utc);
    }
    // The clocks skip this hour: look for the second at which they jump past it.
    let (mut before, mut after) = (
        wall.and_utc().timestamp() - 36 * 3600,
        wall.and_utc().timestamp() + 36 * 3600,
    );
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let shown = DateTime::from_timestamp(middle, 0)
            .map(|instant| instant.with_timezone(&timezone).naive_local());
        if shown >= Some(wall) {
            after = middle
        } else {
            before = middle
        }
    }
    DateTime::from_timestamp(after, 0).unwrap_or(wall.and_utc())
}

/// The token that a patient sees and hears: code of the department and number, three digits at
/// least.
pub fn token_text(code: &str, number: i32) -> String {
    format!("{code}-{number:03}")
}

#[cfg(test)]
mod tests;
