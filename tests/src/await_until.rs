//! The only place that waits. A test never sleeps: it awaits a condition, with a bound and a
//! sentence that says what did not happen.

use anyhow::{Result, bail};
use std::future::Future;
use std::time::{Duration, Instant};

/// Pause between two looks at a condition: short at first, longer when nothing happens.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Looks until `condition` gives something. An error counts as "not yet" and is told at the end.
///
/// # Errors
/// The condition did not come true in time; the message starts with `what`.
pub async fn until<T, F, Fut>(what: &str, within: Duration, mut condition: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>>>,
{
    let deadline = Instant::now() + within;
    let mut pause = FIRST_PAUSE;
    loop {
        // a look itself may hang, for instance on a server that was stopped
        let left = deadline.saturating_duration_since(Instant::now());
        let last_error = match tokio::time::timeout(left.max(FIRST_PAUSE), condition()).await {
            Ok(Ok(Some(value))) => return Ok(value),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some(error),
            Err(_) => Some(anyhow::anyhow!("the last look did not end")),
        };
        if Instant::now() >= deadline {
            match last_error {
                Some(error) => {
                    bail!("did not happen within {within:?}: {what} (last error: {error:#})")
                }
                None => bail!("did not happen within {within:?}: {what}"),
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Looks until `condition` holds.
///
/// # Errors
/// As [`until`].
pub async fn holds<F, Fut>(what: &str, within: Duration, mut condition: F) -> Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<bool>>,
{
    until(what, within, || {
        let look = condition();
        async move { Ok(look.await?.then_some(())) }
    })
    .await
}

/// Awaits `future` for so long and no longer.
///
/// # Errors
/// It did not end in time; the message starts with `what`.
pub async fn within<T>(what: &str, bound: Duration, future: impl Future<Output = T>) -> Result<T> {
    match tokio::time::timeout(bound, future).await {
        Ok(value) => Ok(value),
        Err(_) => bail!("did not happen within {bound:?}: {what}"),
    }
}

/// Lets an interval pass that belongs to the claim itself: the length of an outage, or of the
/// broker's duplicate window, which nothing shows from outside. Never a stand-in for a condition.
pub async fn interval_passes(interval: Duration) {
    tokio::time::sleep(interval).await;
}

/// A steady beat for whoever produces load, or faults, at a rate. Late beats are not made up for.
#[derive(Debug)]
pub struct Pace(tokio::time::Interval);

impl Pace {
    /// One beat at once, then one per `interval`.
    pub fn every(interval: Duration) -> Self {
        let mut beats = tokio::time::interval(interval);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self(beats)
    }

    /// Awaits the next beat.
    pub async fn beat(&mut self) {
        self.0.tick().await;
    }
}
