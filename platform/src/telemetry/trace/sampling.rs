//! Which traces are recorded: what the caller decided, else a part of those that begin here.

use std::sync::OnceLock;

/// Set when spans are recorded at all: traces whose number is below it are sampled.
static THRESHOLD: OnceLock<u64> = OnceLock::new();

/// As OpenTelemetry's `TraceIdRatioBased` does it: every service that is told the same part takes
/// the same traces.
fn threshold(ratio: f64) -> u64 {
    const ALL: u64 = 1 << 63;
    if ratio >= 1.0 {
        return ALL;
    }
    (ratio.max(0.0) * ALL as f64) as u64
}

/// Begins to record; `ratio` of the traces that begin here.
pub(in crate::telemetry) fn start(ratio: f64) {
    // A second call changes nothing, as with everything that is set up once per process.
    let _ = THRESHOLD.set(threshold(ratio));
}

/// Whether spans are recorded at all.
pub fn is_on() -> bool {
    THRESHOLD.get().is_some()
}

/// Whether a trace that begins here is recorded.
pub fn samples(trace_id: u128) -> bool {
    THRESHOLD
        .get()
        .is_some_and(|threshold| is_below(trace_id, *threshold))
}

fn is_below(trace_id: u128, threshold: u64) -> bool {
    // The lower 63 bits are random, whatever made the trace id.
    (trace_id as u64) >> 1 < threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_takes_its_part() {
        let taken = |ratio: f64| {
            let threshold = threshold(ratio);
            let ids = (0..10_000).map(|_| rand::random::<u128>());
            ids.filter(|id| is_below(*id, threshold)).count()
        };
        assert_eq!((taken(0.0), taken(1.0)), (0, 10_000));
        assert!((2_200..2_800).contains(&taken(0.25)));
    }

    #[test]
    fn nothing_is_sampled_before_it_is_wanted() {
        assert!(!is_on() && !samples(1));
    }
}
