//! When the next request is due.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A connection that slept until its request was due and woke this late was delayed by the timer, whose
/// ticks are a millisecond long, and not by the system under load.
const TIMER_SLACK: Duration = Duration::from_millis(2);

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Load {
    /// Each connection sends its next request as soon as the last was answered.
    Closed,
    /// So many requests per second, whatever the answers do.
    Open(f64),
}

/// Numbers requests and says when each is due.
#[derive(Debug)]
pub(crate) struct Pace {
    load: Load,
    began: Instant,
    duration: Duration,
    next: AtomicU64,
}

/// A request that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) number: u64,
    /// Where its latency counts from, in open loop.
    pub(crate) origin: Option<Instant>,
}

impl Pace {
    pub(crate) fn start(load: Load, duration: Duration) -> Self {
        Self {
            load,
            began: Instant::now(),
            duration,
            next: AtomicU64::new(0),
        }
    }

    /// Whether requests are still sent.
    pub(crate) fn is_over(&self) -> bool {
        self.began.elapsed() >= self.duration
    }

    /// The instant from which nothing is sent any more.
    pub(crate) fn end(&self) -> Instant {
        self.began + self.duration
    }

    /// Waits for the next request; none when the run is over.
    pub(crate) async fn next(&self) -> Option<Due> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Load::Open(rate) = self.load else {
            return (!self.is_over()).then_some(Due {
                number,
                origin: None,
            });
        };
        let after = Duration::from_secs_f64(number as f64 / rate);
        if after >= self.duration {
            return None;
        }
        let intended = self.began + after;
        if Instant::now() >= intended {
            return Some(Due {
                number,
                origin: Some(intended),
            });
        }
        tokio::time::sleep_until(intended.into()).await;
        Some(Due {
            number,
            origin: Some(origin(intended, Instant::now())),
        })
    }
}

/// Where the latency of a request counts from whose connection was free when it was due.
fn origin(intended: Instant, woke: Instant) -> Instant {
    if woke.duration_since(intended) <= TIMER_SLACK {
        woke
    } else {
        intended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_wake_up_counts_from_the_intended_time() {
        let intended = Instant::now();
        let soon = intended + Duration::from_millis(1);
        let late = intended + Duration::from_millis(9);
        assert_eq!(origin(intended, soon), soon);
        assert_eq!(origin(intended, late), intended);
    }

    #[tokio::test]
    async fn open_loop_sends_exactly_rate_times_duration() {
        let pace = Pace::start(Load::Open(1_000.0), Duration::from_millis(50));
        let mut sent = 0;
        while pace.next().await.is_some() {
            sent += 1;
        }
        assert_eq!(sent, 50);
    }

    #[tokio::test]
    async fn closed_loop_ends_with_its_time() {
        let pace = Pace::start(Load::Closed, Duration::ZERO);
        assert!(pace.next().await.is_none());
    }
}
