//! The period that a report is about, and shares of what happened in it.

use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, TimeDelta, Utc};
use medique_platform::clock;

/// From an instant, up to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Not before.
    pub from: DateTime<Utc>,
    /// Before.
    pub to: DateTime<Utc>,
}

impl Period {
    /// What was asked for; without an end it ends now, without a beginning it is `usual` long.
    ///
    /// # Errors
    /// `invalid_parameter`: it ends before it begins, or is longer than `longest`.
    pub fn new(
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        usual: TimeDelta,
        longest: TimeDelta,
    ) -> Result<Self, Problem> {
        let to = to.unwrap_or_else(clock::now);
        // An instant at the edge of what the calendar holds has nothing before it.
        let from = from.or_else(|| to.checked_sub_signed(usual)).unwrap_or(to);
        let length = to - from;
        if length <= TimeDelta::zero() || length > longest {
            let days = longest.num_days();
            return Err(Problem::new(ApiCode::InvalidParameter)
                .detail(format!("from, to: a period of at most {days} days")));
        }
        Ok(Self { from, to })
    }
}

/// A share, in ten-thousandths: as exact as anybody reads it. None of nothing.
pub fn share(part: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| (part as f64 / of as f64 * 10_000.0).round() / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_length_within_bounds() {
        let (day, week) = (TimeDelta::days(1), TimeDelta::days(7));
        let at = |text: &str| text.parse().ok();
        let period = |from, to| Period::new(at(from), at(to), day, week).ok();
        let usual = period("", "2026-03-14T00:00:00Z").unwrap();
        assert_eq!(usual.to - usual.from, day);
        assert!(period("2026-03-07T00:00:00Z", "2026-03-14T00:00:00Z").is_some());
        assert!(period("2026-03-06T23:59:59Z", "2026-03-14T00:00:00Z").is_none());
        assert!(period("2026-03-14T00:00:00Z", "2026-03-14T00:00:00Z").is_none());
        assert!(Period::new(None, Some(DateTime::<Utc>::MIN_UTC), day, week).is_err());
    }
}
