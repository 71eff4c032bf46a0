//! The admission gate: no more is accepted than workers decide. It also knows how far each
//! partition has been decided, which is what requests with `Prefer: wait` watch.

use crate::problem::{ApiCode, Problem};
use medique_contracts::subjects::PARTITIONS;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Longest time that a request is held back while the queue is more than half full.
const HOLD_MAX: Duration = Duration::from_millis(250);

#[derive(Default)]
struct Partition {
    decided: u64,
    undecided: BinaryHeap<Reverse<u64>>,
}

/// Counts what this replica has accepted and nobody has decided.
pub struct Gate {
    max: u64,
    partitions: [Mutex<Partition>; PARTITIONS as usize],
    /// Of this replica: on their way to the broker, or accepted and undecided.
    own: AtomicU64,
    /// Of all replicas, as of the last look.
    total: AtomicU64,
    /// Whether the log ends before a cursor: what is accepted into it may never be decided.
    log_behind: AtomicBool,
    /// Changes whenever a partition advances.
    progress: watch::Sender<u64>,
}

/// A place in the queue, taken before publishing and given back when nothing was stored.
pub struct Place<'a>(Option<&'a Gate>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(gate) = self.0 {
            gate.own.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Place<'_> {
    /// The command was stored: the place is freed when it is decided.
    pub fn stored(mut self, partition: u16, seq: u64) {
        let Some(gate) = self.0.take() else { return };
        let mut state = gate.partition(partition);
        if seq > state.decided {
            state.undecided.push(Reverse(seq));
        } else {
            gate.own.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Gate {
    /// A gate for so many undecided commands.
    pub fn new(max: u64) -> Self {
        Self {
            max,
            partitions: std::array::from_fn(|_| Mutex::default()),
            own: AtomicU64::new(0),
            total: AtomicU64::new(0),
            log_behind: AtomicBool::new(false),
            progress: watch::Sender::new(0),
        }
    }

    fn partition(&self, id: u16) -> MutexGuard<'_, Partition> {
        let index = usize::from(id % PARTITIONS);
        self.partitions[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. While the queue is more than half full the request is held back a little, so
    /// that clients who wait for answers settle at the rate of the workers.
    ///
    /// # Errors
    /// `queue_full`; `not_accepted` while the log is behind.
    pub async fn enter(&self) -> Result<Place<'_>, Problem> {
        if self.log_behind.load(Ordering::Relaxed) {
            return Err(Problem::new(ApiCode::NotAccepted).retry_after(5));
        }
        if self.load() >= self.max / 2 {
            self.hold().await;
        }
        if self.own.fetch_add(1, Ordering::Relaxed) >= self.max
            || self.total.load(Ordering::Relaxed) >= self.max
        {
            self.own.fetch_sub(1, Ordering::Relaxed);
            return Err(Problem::new(ApiCode::QueueFull).retry_after(1));
        }
        Ok(Place(Some(self)))
    }

    async fn hold(&self) {
        let deadline = Instant::now() + HOLD_MAX;
        let mut progress = self.progress.subscribe();
        while (self.max / 2..self.max).contains(&self.load()) {
            if tokio::time::timeout_at(deadline, progress.changed())
                .await
                .is_err()
            {
                return;
            }
        }
    }

    fn load(&self) -> u64 {
        self.own
            .load(Ordering::Relaxed)
            .max(self.total.load(Ordering::Relaxed))
    }

    /// Learns how far partitions are decided.
    pub fn advance(&self, cursors: impl IntoIterator<Item = (u16, u64)>) {
        let mut advanced = false;
        for (id, decided) in cursors {
            let mut state = self.partition(id);
            if decided <= state.decided {
                continue;
            }
            state.decided = decided;
            advanced = true;
            while state
                .undecided
                .peek()
                .is_some_and(|Reverse(seq)| *seq <= decided)
            {
                state.undecided.pop();
                self.own.fetch_sub(1, Ordering::Relaxed);
            }
        }
        if advanced {
            self.progress.send_modify(|count| *count += 1);
        }
    }

    /// Learns how many commands of all replicas wait.
    pub fn set_total(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Learns whether the log ends before a cursor.
    pub fn set_log_behind(&self, behind: bool) {
        self.log_behind.store(behind, Ordering::Relaxed);
    }

    /// Whether the message is known to be decided.
    pub fn is_decided(&self, partition: u16, seq: u64) -> bool {
        seq <= self.partition(partition).decided
    }

    /// Follows the progress of all partitions.
    pub fn progress(&self) -> watch::Receiver<u64> {
        self.progress.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(gate: &Gate) -> u64 {
        gate.own.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_gate_refuses_until_a_cursor_advances() {
        let gate = Gate::new(2);
        for seq in [7, 5] {
            gate.enter().await.expect("open").stored(3, seq);
        }
        assert!(gate.enter().await.is_err());
        gate.advance([(3, 4)]);
        assert!(gate.enter().await.is_err());
        gate.advance([(3, 5)]);
        gate.enter().await.expect("open again").stored(3, 9);
        assert_eq!(own(&gate), 2);
        gate.advance([(3, 9)]);
        assert_eq!(own(&gate), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_half_full_gate_holds_and_then_lets_in() {
        let gate = Gate::new(4);
        for seq in 1..=2 {
            gate.enter().await.expect("open").stored(0, seq);
        }
        let started = Instant::now();
        drop(gate.enter().await.expect("held, not refused"));
        assert_eq!(started.elapsed(), HOLD_MAX);
        let (entered, ()) = tokio::join!(gate.enter(), async { gate.advance([(0, 2)]) });
        drop(entered.expect("woken"));
        assert_eq!(started.elapsed(), HOLD_MAX);
    }

    #[tokio::test]
    async fn places_of_commands_that_were_not_stored_come_back() {
        let gate = Gate::new(10);
        drop(gate.enter().await.expect("open"));
        assert_eq!(own(&gate), 0);
        // Decided before the PubAck was seen.
        gate.advance([(1, 100)]);
        gate.enter().await.expect("open").stored(1, 50);
        assert_eq!(own(&gate), 0);
        assert!(gate.is_decided(1, 50) && !gate.is_decided(2, 50));
    }

    #[tokio::test]
    async fn nothing_is_accepted_into_a_log_that_is_behind() {
        let gate = Gate::new(10);
        gate.set_log_behind(true);
        assert!(gate.enter().await.is_err());
        gate.set_log_behind(false);
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn the_backlog_of_all_replicas_closes_the_gate_too() {
        let gate = Gate::new(10);
        gate.set_total(10);
        assert!(gate.enter().await.is_err());
        gate.set_total(0);
        assert!(gate.enter().await.is_ok());
    }
}
