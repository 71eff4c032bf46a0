//! The only place that reads the clock.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Now, in whole microseconds: what Postgres can keep, so that a value survives a round trip.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub fn now() -> DateTime<Utc> {
    to_micros(Utc::now())
}

/// The instant without the digits below a microsecond.
pub fn to_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant
        .duration_trunc(TimeDelta::microseconds(1))
        .unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_below_a_microsecond_are_cut_and_not_rounded() {
        let instant = DateTime::from_timestamp(1_700_000_000, 123_456_999).unwrap();
        assert_eq!(to_micros(instant).timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
