//! Percentiles of latencies.

use serde::Serialize;

/// What a set of latencies looks like, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

impl Latency {
    /// Of latencies in microseconds; none when there are none. A clock that was set back counts as 0.
    pub(crate) fn of(mut micros: Vec<i64>) -> Option<Self> {
        micros.sort_unstable();
        let max = *micros.last()?;
        let ms = |micros: i64| micros.max(0) as f64 / 1_000.0;
        Some(Self {
            p50_ms: ms(percentile(&micros, 50)),
            p99_ms: ms(percentile(&micros, 99)),
            max_ms: ms(max),
        })
    }
}

/// The smallest value that at least `percent` of all values do not exceed (nearest rank).
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied().unwrap_or_default()
}

/// The middle of some values; the mean of the two middle ones when their number is even.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let hundred: Vec<i64> = (1..=100).rev().map(|n| n * 1_000).collect();
        let latency = Latency::of(hundred).expect("values");
        assert_eq!(
            (latency.p50_ms, latency.p99_ms, latency.max_ms),
            (50.0, 99.0, 100.0)
        );
        let one = Latency::of(vec![2_500]).expect("a value");
        assert_eq!((one.p50_ms, one.p99_ms, one.max_ms), (2.5, 2.5, 2.5));
    }

    #[test]
    fn nothing_has_no_latency_and_no_median() {
        assert_eq!(Latency::of(Vec::new()), None);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
