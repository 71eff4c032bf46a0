//! Buckets of one kind, one per key. A key whose bucket is full again is forgotten.

use super::{Rate, Standing};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use poem::http::HeaderValue;
use std::num::NonZeroU32;

type Limiter = RateLimiter<u128, DashMapStateStore<u128>, DefaultClock, StateInformationMiddleware>;

/// Buckets of one kind.
pub(super) struct Buckets {
    name: &'static str,
    rate: Rate,
    /// The header `RateLimit-Policy`.
    policy: HeaderValue,
    limiter: Limiter,
    clock: DefaultClock,
}

impl Buckets {
    pub(super) fn new(name: &'static str, rate: Rate) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        let window = refill_s(rate, rate.burst.get());
        let policy = format!("\"{name}\";q={};w={window}", rate.burst);
        Self {
            name,
            rate,
            policy: HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("")),
            limiter: RateLimiter::dashmap(quota).with_middleware(),
            clock: DefaultClock::default(),
        }
    }

    /// Takes `cost` out of the bucket of `key`, or nothing when there is not enough in it. What
    /// costs more than a bucket holds needs a full one.
    pub(super) fn take(&self, key: u128, cost: u32) -> Standing {
        let cost = NonZeroU32::new(cost.min(self.rate.burst.get())).unwrap_or(NonZeroU32::MIN);
        match self.limiter.check_key_n(&key, cost) {
            Ok(Ok(state)) => self.standing(state.remaining_burst_capacity(), None),
            Ok(Err(refused)) => self.standing(0, Some(self.wait_s(&refused))),
            // Not reached: the cost fits into a full bucket.
            Err(_) => self.standing(0, Some(1)),
        }
    }

    fn wait_s(&self, refused: &NotUntil<<DefaultClock as Clock>::Instant>) -> u32 {
        let wait = refused.wait_time_from(self.clock.now());
        u32::try_from(wait.as_millis().div_ceil(1000))
            .unwrap_or(u32::MAX)
            .max(1)
    }

    fn standing(&self, remaining: u32, wait_s: Option<u32>) -> Standing {
        let missing = self.rate.burst.get().saturating_sub(remaining);
        Standing {
            name: self.name,
            policy: self.policy.clone(),
            remaining,
            reset_s: wait_s.unwrap_or_else(|| refill_s(self.rate, missing)),
            wait_s,
        }
    }

    pub(super) fn sweep(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    pub(super) fn len(&self) -> usize {
        self.limiter.len()
    }
}

/// Seconds until so much has flowed in, rounded up.
fn refill_s(rate: Rate, amount: u32) -> u32 {
    let seconds = (u64::from(amount) * 60).div_ceil(u64::from(rate.per_minute.get()));
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
