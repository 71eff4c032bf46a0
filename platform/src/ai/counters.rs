//! What happened since the process started, for health and metrics.

use medique_contracts::vocabulary::AdviceFailure;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts, each only ever growing but for `in_flight`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Questions asked.
    pub calls: u64,
    /// Questions that were answered well.
    pub answered: u64,
    /// Questions that failed, by kind.
    pub failed: BTreeMap<&'static str, u64>,
    /// Requests sent, repetitions included.
    pub attempts: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Requests that the budget did not allow to be sent again.
    pub retries_denied: u64,
    /// Questions that wait for their answer now.
    pub in_flight: u64,
}

impl Counts {
    /// All questions that failed.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

/// The counts of a running client.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) calls: AtomicU64,
    pub(super) answered: AtomicU64,
    pub(super) attempts: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) retries_denied: AtomicU64,
    in_flight: AtomicU64,
    failed: [AtomicU64; AdviceFailure::ALL.len()],
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn failed(&self, kind: AdviceFailure) {
        // the words stand in the order of their declaration
        let place = AdviceFailure::ALL.iter().position(|one| *one == kind);
        if let Some(counter) = place.and_then(|place| self.failed.get(place)) {
            count(counter);
        }
    }

    /// Counts a question for as long as it is asked, however that ends.
    pub(super) fn in_flight(&self) -> InFlight<'_> {
        count(&self.in_flight);
        InFlight(self)
    }

    pub(super) fn read(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let failed = AdviceFailure::ALL.iter().zip(&self.failed);
        Counts {
            calls: read(&self.calls),
            answered: read(&self.answered),
            failed: failed
                .map(|(kind, counter)| (kind.as_str(), read(counter)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            attempts: read(&self.attempts),
            retries: read(&self.retries),
            retries_denied: read(&self.retries_denied),
            in_flight: read(&self.in_flight),
        }
    }
}

/// See [`Counters::in_flight`].
#[derive(Debug)]
pub(super) struct InFlight<'a>(&'a Counters);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
