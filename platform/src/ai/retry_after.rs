//! `Retry-After` (RFC 9110, 10.2.3): seconds, or an HTTP date.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// A service that asks for more does not know what it says.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait from `now`; none when the value says nothing.
pub(super) fn parse(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let asked = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(value).ok()?;
            let left = until.with_timezone(&Utc) - now;
            left.to_std().unwrap_or_default()
        }
    };
    Some(asked.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_bounded() {
        let now = DateTime::parse_from_rfc3339("2026-11-22T03:00:00Z").unwrap();
        let now = now.with_timezone(&Utc);
        let seconds = |value| parse(value, now).map(|delay| delay.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Sun, 22 Nov 2026 03:00:09 GMT"), Some(9));
        // the past means now
        assert_eq!(seconds("Sun, 22 Nov 2026 02:00:00 GMT"), Some(0));
        assert_eq!(seconds("999999999"), Some(3600));
        for nothing in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(seconds(nothing), None, "{nothing}");
        }
    }
}
