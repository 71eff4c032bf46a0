//! A circuit breaker: a service that fails is left alone for a while, and then asked by one call,
//! on which it depends whether the others ask again.
//!
//! ```text
//!            too many failures                time is over
//!   CLOSED ───────────────────────▶ OPEN ───────────────────▶ HALF OPEN (one probe)
//!     ▲                               ▲      the probe failed        │
//!     │                               └──────────────────────────────┤
//!     └──────────────────────────────────────────────────────────────┘ it succeeded
//! ```

use crate::clock;
use crate::telemetry::metrics::catalogue::BREAKER_STATE;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Outcomes that are remembered.
const OUTCOMES_MAX: usize = 200;

/// When to stop asking, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// `MEDIQUE_AI_BREAKER_WINDOW_S`: outcomes of attempts that are older than this do not count.
    pub window: Duration,
    /// `MEDIQUE_AI_BREAKER_CALLS_MIN`: fewer outcomes than this say nothing.
    pub calls_min: usize,
    /// `MEDIQUE_AI_BREAKER_FAILURE_PERCENT`: the breaker opens when so many percent of them failed.
    pub failure_percent: usize,
    /// `MEDIQUE_AI_BREAKER_OPEN_MS`: how long an open breaker lets nothing be asked.
    pub open_for: Duration,
}

/// How long to wait for what a probe finds, before one looks again.
const PROBE_PAUSE: Duration = Duration::from_secs(1);

/// What the breaker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Asks.
    Closed,
    /// Does not ask.
    Open,
    /// Asks once, to see.
    HalfOpen,
}

impl BreakerState {
    fn tell(self) {
        let number = match self {
            Self::Closed => 0.0,
            Self::HalfOpen => 1.0,
            Self::Open => 2.0,
        };
        BREAKER_STATE.set(number, []);
    }

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What the breaker does, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BreakerStatus {
    /// What it does.
    pub state: BreakerState,
    /// Since when.
    pub since: DateTime<Utc>,
}

#[derive(Debug)]
struct Memory {
    state: BreakerState,
    /// When an open breaker lets a probe through.
    until: Instant,
    /// A probe is on its way.
    probing: bool,
    /// When attempts ended, and whether they failed.
    outcomes: VecDeque<(Instant, bool)>,
    /// Grows with every change of state: an attempt that began before says nothing about after.
    generation: u64,
}

/// Shared by all calls.
#[derive(Debug)]
pub(super) struct Breaker {
    config: BreakerConfig,
    memory: Mutex<Memory>,
    status: watch::Sender<BreakerStatus>,
}

/// Leave for one attempt. Dropped without a word, the attempt was given up and says nothing.
#[derive(Debug)]
pub(super) struct Leave<'a> {
    breaker: &'a Breaker,
    generation: u64,
}

impl Breaker {
    pub(super) fn new(config: BreakerConfig) -> Self {
        BreakerState::Closed.tell();
        Self {
            config,
            memory: Mutex::new(Memory {
                state: BreakerState::Closed,
                until: Instant::now(),
                probing: false,
                outcomes: VecDeque::new(),
                generation: 0,
            }),
            status: watch::Sender::new(BreakerStatus {
                state: BreakerState::Closed,
                since: clock::now(),
            }),
        }
    }

    /// Leave to make an attempt.
    ///
    /// # Errors
    /// How long not to.
    pub(super) fn admit(&self) -> Result<Leave<'_>, Duration> {
        let now = Instant::now();
        let mut memory = self.memory();
        if memory.state == BreakerState::Open && memory.until <= now {
            self.change(&mut memory, BreakerState::HalfOpen);
        }
        match memory.state {
            BreakerState::Closed => {}
            BreakerState::Open => return Err(memory.until - now),
            BreakerState::HalfOpen if memory.probing => {
                return Err(self.config.open_for.min(PROBE_PAUSE));
            }
            BreakerState::HalfOpen => memory.probing = true,
        }
        Ok(Leave {
            breaker: self,
            generation: memory.generation,
        })
    }

    /// How long there is no leave for sure.
    pub(super) fn rests_for(&self) -> Option<Duration> {
        let memory = self.memory();
        let left = memory.until.saturating_duration_since(Instant::now());
        (memory.state == BreakerState::Open && !left.is_zero()).then_some(left)
    }

    pub(super) fn status(&self) -> BreakerStatus {
        *self.status.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<BreakerStatus> {
        self.status.subscribe()
    }

    fn record(&self, generation: u64, failed: bool) {
        let mut memory = self.memory();
        if memory.generation != generation {
            return;
        }
        if memory.state == BreakerState::HalfOpen {
            let next = if failed {
                BreakerState::Open
            } else {
                BreakerState::Closed
            };
            self.change(&mut memory, next);
            return;
        }
        let now = Instant::now();
        memory.outcomes.push_back((now, failed));
        while memory.outcomes.len() > OUTCOMES_MAX
            || memory
                .outcomes
                .front()
                .is_some_and(|(at, _)| now.duration_since(*at) > self.config.window)
        {
            memory.outcomes.pop_front();
        }
        let all = memory.outcomes.len();
        let bad = memory.outcomes.iter().filter(|(_, failed)| *failed).count();
        if all >= self.config.calls_min && bad * 100 >= all * self.config.failure_percent {
            self.change(&mut memory, BreakerState::Open);
        }
    }

    fn change(&self, memory: &mut Memory, state: BreakerState) {
        memory.state = state;
        memory.generation += 1;
        memory.probing = false;
        memory.outcomes.clear();
        memory.until = Instant::now() + self.config.open_for;
        let since = clock::now();
        self.status.send_replace(BreakerStatus { state, since });
        state.tell();
        match state {
            BreakerState::Open => tracing::warn!(
                breaker = state.as_str(),
                "the adviser fails and is left alone for a while"
            ),
            BreakerState::HalfOpen => {
                tracing::info!(
                    breaker = state.as_str(),
                    "the adviser is asked once, to see"
                );
            }
            BreakerState::Closed => {
                tracing::info!(breaker = state.as_str(), "the adviser answers again");
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// The service did its part.
    pub(super) fn succeeded(self) {
        self.breaker.record(self.generation, false);
    }

    /// It did not.
    pub(super) fn failed(self) {
        self.breaker.record(self.generation, true);
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut memory = self.breaker.memory();
        // after a word, the generation is another one, or it is no probe
        if memory.generation == self.generation {
            memory.probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn breaker() -> Breaker {
        Breaker::new(BreakerConfig {
            window: 30 * SECOND,
            calls_min: 4,
            failure_percent: 50,
            open_for: 10 * SECOND,
        })
    }

    fn fail(breaker: &Breaker, times: usize) {
        for _ in 0..times {
            breaker.admit().expect("it asks").failed();
        }
    }

    fn state(breaker: &Breaker) -> BreakerState {
        breaker.status().state
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_at_the_rate_and_not_before_enough_is_known() {
        let breaker = breaker();
        fail(&breaker, 3);
        assert_eq!(state(&breaker), BreakerState::Closed);
        breaker.admit().unwrap().succeeded();
        assert_eq!(state(&breaker), BreakerState::Open, "3 of 4 failed");
        assert_eq!(breaker.admit().unwrap_err(), 10 * SECOND);
        let mostly_good = self::breaker();
        for _ in 0..30 {
            mostly_good.admit().unwrap().succeeded();
            mostly_good.admit().unwrap().succeeded();
            fail(&mostly_good, 1);
        }
        assert_eq!(state(&mostly_good), BreakerState::Closed, "a third failed");
    }

    #[tokio::test(start_paused = true)]
    async fn old_failures_are_forgotten() {
        let breaker = breaker();
        fail(&breaker, 3);
        tokio::time::advance(31 * SECOND).await;
        fail(&breaker, 3);
        assert_eq!(state(&breaker), BreakerState::Closed);
        fail(&breaker, 1);
        assert_eq!(state(&breaker), BreakerState::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides() {
        let breaker = breaker();
        fail(&breaker, 4);
        tokio::time::advance(10 * SECOND).await;
        let probe = breaker.admit().expect("a probe");
        assert_eq!(state(&breaker), BreakerState::HalfOpen);
        for _ in 0..100 {
            assert!(breaker.admit().is_err(), "a second probe");
        }
        probe.failed();
        assert_eq!(state(&breaker), BreakerState::Open);
        assert!(breaker.admit().is_err());
        tokio::time::advance(10 * SECOND).await;
        breaker.admit().expect("a probe").succeeded();
        assert_eq!(state(&breaker), BreakerState::Closed);
        // what failed before does not count again
        fail(&breaker, 3);
        assert_eq!(state(&breaker), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_makes_room_for_another() {
        let breaker = breaker();
        fail(&breaker, 4);
        tokio::time::advance(10 * SECOND).await;
        drop(breaker.admit().expect("a probe"));
        assert_eq!(state(&breaker), BreakerState::HalfOpen);
        breaker.admit().expect("another probe").succeeded();
        assert_eq!(state(&breaker), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_of_before_says_nothing_about_after() {
        let breaker = breaker();
        let early: Vec<_> = (0..6).map(|_| breaker.admit().unwrap()).collect();
        fail(&breaker, 4);
        let mut watch = breaker.watch();
        watch.mark_unchanged();
        early.into_iter().for_each(Leave::succeeded);
        assert_eq!(state(&breaker), BreakerState::Open);
        assert!(!watch.has_changed().unwrap());
        tokio::time::advance(10 * SECOND).await;
        drop(breaker.admit());
        assert!(watch.has_changed().unwrap(), "changes can be watched");
    }
}
