//! How far behind this worker's partitions are: what was read and is not decided, and what the
//! broker says is behind that.

use chrono::{DateTime, Utc};
use medique_contracts::subjects::PARTITIONS;
use medique_platform::clock;
use medique_platform::telemetry::metrics::catalogue::{PARTITION_LAG, PARTITION_LAG_SECONDS};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is told.
const EVERY: Duration = Duration::from_secs(1);

/// One partition.
struct Lag {
    held: bool,
    /// Read and undecided, in order: sequence, and when the broker stored it.
    waiting: VecDeque<(i64, DateTime<Utc>)>,
    /// What the broker had behind the last one.
    behind: u64,
}

static LAGS: [Mutex<Lag>; PARTITIONS as usize] = [const {
    Mutex::new(Lag {
        held: false,
        waiting: VecDeque::new(),
        behind: 0,
    })
}; PARTITIONS as usize];

fn of(partition: i16) -> MutexGuard<'static, Lag> {
    let index = usize::from(partition.unsigned_abs() % PARTITIONS);
    LAGS[index].lock().unwrap_or_else(PoisonError::into_inner)
}

/// The partition is this worker's from now on.
pub(crate) fn hold(partition: i16) {
    let mut lag = of(partition);
    lag.held = true;
    lag.waiting.clear();
    lag.behind = 0;
}

/// The partition is no longer this worker's.
pub(crate) fn forget(partition: i16) {
    let mut lag = of(partition);
    lag.held = false;
    lag.waiting.clear();
    lag.behind = 0;
}

/// A message was read, and the broker has so many more.
pub(crate) fn read(partition: i16, seq: i64, stored_at: DateTime<Utc>, behind: u64) {
    let mut lag = of(partition);
    if lag.held {
        lag.waiting.push_back((seq, stored_at));
        lag.behind = behind;
    }
}

/// Everything up to `seq` is decided.
pub(crate) fn decided(partition: i16, seq: i64) {
    let mut lag = of(partition);
    while lag.waiting.front().is_some_and(|(first, _)| *first <= seq) {
        lag.waiting.pop_front();
    }
}

/// Tells until `stop`.
pub(crate) async fn tell(stop: CancellationToken) {
    loop {
        once();
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn once() {
    let now = clock::now();
    let (mut messages, mut seconds) = (Vec::new(), Vec::new());
    for (partition, lag) in LAGS.iter().enumerate() {
        let lag = lag.lock().unwrap_or_else(PoisonError::into_inner);
        if !lag.held {
            continue;
        }
        let oldest = lag.waiting.front().map(|(_, stored_at)| now - *stored_at);
        let oldest = oldest.and_then(|age| age.to_std().ok()).unwrap_or_default();
        let waiting = lag.waiting.len() as u64 + lag.behind;
        let label = vec![partition.to_string()];
        messages.push((label.clone(), waiting as f64));
        seconds.push((label, oldest.as_secs_f64()));
    }
    PARTITION_LAG.replace(messages);
    PARTITION_LAG_SECONDS.replace(seconds);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_waits_until_it_is_decided() {
        // a partition of this test's own
        let partition = 15;
        let waiting = || of(partition).waiting.len();
        read(partition, 1, clock::now(), 4);
        assert_eq!(waiting(), 0, "not held");
        hold(partition);
        for seq in 5..=8 {
            read(partition, seq, clock::now(), 0);
        }
        decided(partition, 6);
        assert_eq!(waiting(), 2);
        decided(partition, 6);
        assert_eq!(waiting(), 2);
        forget(partition);
        assert_eq!(waiting(), 0);
    }
}
