//! How long to wait before trying again: full jitter, so that many clients do not come back at the
//! same moment. The only user of the crate `backoff`, which is unmaintained: replacing it is a
//! change to this file.

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;
use std::time::Duration;

/// When to try again, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Middle of the first delay's range.
    initial: Duration,
    /// Middle of the largest delay's range.
    largest: Duration,
    /// Growth of the range from one delay to the next.
    factor: f64,
    /// Width of the range: each delay lies within `middle * (1 ± spread)`.
    spread: f64,
    /// Time after which no further try is made; none: for ever.
    within: Option<Duration>,
}

impl RetryPolicy {
    /// Full jitter: the n-th delay is uniform in `0 ..= min(largest, initial * 2^n)`, for ever.
    pub const fn full_jitter(initial: Duration, largest: Duration) -> Self {
        let (initial, largest) = (initial.checked_div(2), largest.checked_div(2));
        let (Some(initial), Some(largest)) = (initial, largest) else {
            unreachable!()
        };
        Self {
            initial,
            largest,
            factor: 2.0,
            spread: 1.0,
            within: None,
        }
    }

    /// Every delay is uniform in `least ..= most`, for ever.
    pub fn between(least: Duration, most: Duration) -> Self {
        let middle = (least + most) / 2;
        let spread = if middle.is_zero() {
            0.0
        } else {
            (most.saturating_sub(least) / 2).as_secs_f64() / middle.as_secs_f64()
        };
        Self {
            initial: middle,
            largest: middle,
            factor: 1.0,
            spread,
            within: None,
        }
    }

    /// Gives up after this time.
    #[must_use]
    pub const fn within(self, limit: Duration) -> Self {
        Self {
            within: Some(limit),
            ..self
        }
    }
}

/// For reaching a service again: up to 100 ms at first, up to 5 s later, for ever.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self::full_jitter(Duration::from_millis(100), Duration::from_secs(5))
    }
}

/// The delays of one policy, one after another.
#[derive(Debug)]
pub struct Backoff(ExponentialBackoff);

impl Backoff {
    /// Starts at the first delay; the time limit runs from here.
    pub fn new(policy: RetryPolicy) -> Self {
        let mut inner = ExponentialBackoff {
            initial_interval: policy.initial,
            max_interval: policy.largest,
            multiplier: policy.factor,
            randomization_factor: policy.spread,
            max_elapsed_time: policy.within,
            ..ExponentialBackoff::default()
        };
        inner.reset();
        Self(inner)
    }

    /// How long to wait now; none when the time is over.
    pub fn next_delay(&mut self) -> Option<Duration> {
        self.0.next_backoff()
    }

    /// Waits for the next delay; `false`, at once, when the time is over.
    pub async fn wait(&mut self) -> bool {
        match self.next_delay() {
            Some(delay) => {
                tokio::time::sleep(delay).await;
                true
            }
            None => false,
        }
    }

    /// It worked: back to the first delay.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// What a try says about trying again.
#[derive(Debug)]
pub enum Failure<E> {
    /// May work later.
    Transient(E),
    /// Will never work.
    Permanent(E),
}

impl<E> Failure<E> {
    /// Sorts an error by a predicate.
    pub fn sort(error: E, is_transient: impl FnOnce(&E) -> bool) -> Self {
        if is_transient(&error) {
            Self::Transient(error)
        } else {
            Self::Permanent(error)
        }
    }
}

/// Tries until it works, fails for good, or the policy's time is over.
///
/// # Errors
/// The error of the last try.
pub async fn retry<T, E, F>(policy: RetryPolicy, mut operation: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, Failure<E>>>,
{
    let mut backoff = Backoff::new(policy);
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(Failure::Permanent(error)) => return Err(error),
            Err(Failure::Transient(error)) => {
                if !backoff.wait().await {
                    return Err(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn full_jitter_stays_below_a_ceiling_that_doubles() {
        let mut largest = [Duration::ZERO; 8];
        for _ in 0..500 {
            let mut backoff = Backoff::new(RetryPolicy::full_jitter(100 * MS, 800 * MS));
            for (n, seen) in largest.iter_mut().enumerate() {
                let ceiling = (100 * MS * 2u32.pow(n as u32)).min(800 * MS);
                let delay = backoff.next_delay().expect("no time limit");
                assert!(delay <= ceiling + MS, "delay {n} is {delay:?}");
                *seen = delay.max(*seen);
            }
        }
        // The whole range is used: a run of 500 that never passes 90 % has probability 1e-23.
        assert!(largest[0] > 90 * MS && largest[7] > 720 * MS, "{largest:?}");
    }

    #[test]
    fn a_range_is_kept() {
        let mut backoff = Backoff::new(RetryPolicy::between(50 * MS, 250 * MS));
        let delays: Vec<_> = (0..1000).filter_map(|_| backoff.next_delay()).collect();
        assert_eq!(delays.len(), 1000);
        assert!(
            delays
                .iter()
                .all(|delay| (50 * MS..=251 * MS).contains(delay))
        );
        assert!(delays.iter().any(|delay| *delay < 70 * MS));
        assert!(delays.iter().any(|delay| *delay > 230 * MS));
    }

    #[tokio::test]
    async fn a_permanent_failure_ends_the_tries() {
        let mut tries = 0;
        let result: Result<(), _> = retry(RetryPolicy::between(MS, MS), || {
            tries += 1;
            let failure = if tries < 3 {
                Failure::Transient("later")
            } else {
                Failure::Permanent("never")
            };
            async { Err(failure) }
        })
        .await;
        assert_eq!((result, tries), (Err("never"), 3));
    }

    #[tokio::test]
    async fn tries_end_with_the_time() {
        let policy = RetryPolicy::between(MS, MS).within(Duration::ZERO);
        let result: Result<(), _> =
            retry(policy, || async { Err(Failure::Transient("away")) }).await;
        assert_eq!(result, Err("away"));
    }
}
