//! When a question that failed is asked again, and when it is given up.

use chrono::TimeDelta;
use medique_platform::ai::Failure;
use medique_platform::retry::{Backoff, RetryPolicy};
use std::time::Duration;

/// Delays of one question, on top of the attempts that the client makes: up to 1 s at first, up
/// to 15 s later.
const PER_QUESTION: RetryPolicy =
    RetryPolicy::full_jitter(Duration::from_secs(1), Duration::from_secs(15));
/// Deliveries after which the delays grow no longer.
const GROWTH_MAX: u32 = 8;

/// How old a question is, and how old it may get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Age {
    /// Time left until the question is given up; none when it is due.
    left: Option<Duration>,
    deliveries: u32,
}

impl Age {
    /// Of an event that is `age` old and was given out so often.
    pub(super) fn new(age: TimeDelta, give_up: Duration, deliveries: u32) -> Self {
        let age = age.to_std().unwrap_or_default();
        let left = give_up.checked_sub(age).filter(|left| !left.is_zero());
        Self { left, deliveries }
    }

    /// How long to put the question off after this failure; none when it is to be given up.
    pub(super) fn after(self, failure: &Failure) -> Option<Duration> {
        if failure.again {
            self.at_least(failure.retry_after.unwrap_or_default())
        } else {
            None
        }
    }

    /// How long to put it off, at least so long; none when it would be too old then.
    pub(super) fn at_least(self, rest: Duration) -> Option<Duration> {
        let left = self.left.filter(|left| *left > rest)?;
        let mut backoff = Backoff::new(PER_QUESTION);
        let delays = 0..self.deliveries.clamp(1, GROWTH_MAX);
        let jitter = delays.map_while(|_| backoff.next_delay()).last();
        // at the end it is tried once more
        Some((rest + jitter.unwrap_or_default()).min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::vocabulary::AdviceFailure;

    const MINUTE: Duration = Duration::from_secs(60);

    fn age(seconds: i64) -> Age {
        Age::new(TimeDelta::seconds(seconds), MINUTE, 3)
    }

    fn failure(again: bool, retry_after: Option<Duration>) -> Failure {
        Failure {
            kind: AdviceFailure::HttpStatus,
            latency: Duration::ZERO,
            attempts: 1,
            again,
            retry_after,
        }
    }

    #[test]
    fn a_young_question_is_asked_again_and_an_old_one_given_up() {
        for _ in 0..100 {
            let delay = age(0).after(&failure(true, None)).unwrap();
            assert!(delay <= Duration::from_secs(5), "{delay:?}");
            // never beyond the time at which it is given up
            let delay = age(58).after(&failure(true, None)).unwrap();
            assert!(delay <= Duration::from_secs(2), "{delay:?}");
        }
        assert_eq!(age(60).after(&failure(true, None)), None);
        assert_eq!(age(3600).after(&failure(true, None)), None);
        assert_eq!(
            age(0).after(&failure(false, None)),
            None,
            "it will not pass"
        );
        // a clock that is behind the broker's
        assert!(age(-5).after(&failure(true, None)).is_some());
    }

    #[test]
    fn what_the_service_asks_for_is_kept_or_it_is_not_asked_at_all() {
        let asked = |seconds| failure(true, Some(Duration::from_secs(seconds)));
        let delay = age(0).after(&asked(20)).unwrap();
        assert!(delay >= Duration::from_secs(20) && delay <= Duration::from_secs(25));
        assert_eq!(age(0).after(&asked(60)), None);
        assert_eq!(age(50).after(&asked(20)), None);
    }

    #[test]
    fn delays_grow() {
        let longest = |deliveries| {
            let age = Age::new(TimeDelta::zero(), 60 * MINUTE, deliveries);
            (0..300)
                .filter_map(|_| age.at_least(Duration::ZERO))
                .max()
                .unwrap()
        };
        assert!(longest(1) <= Duration::from_millis(1001));
        assert!(longest(20) > Duration::from_secs(10));
        assert!(longest(1000) <= Duration::from_millis(15_001));
    }
}
