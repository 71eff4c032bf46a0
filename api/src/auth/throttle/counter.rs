//! One counter of failed sign-ins: how it grows, blocks and forgets. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// How often somebody may fail, and what follows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// `MEDIQUE_LOGIN_PAIR_FAILURES`: free failures to sign in to one account from one address.
    pub pair: i32,
    /// `MEDIQUE_LOGIN_ACCOUNT_FAILURES`: free failures to sign in to one account from all
    /// addresses that are new to it.
    pub account: i32,
    /// `MEDIQUE_LOGIN_ADDRESS_FAILURES`: free failures to sign in from one address to all
    /// accounts that are new to it.
    pub address: i32,
    /// `MEDIQUE_LOGIN_BLOCK_FIRST_S`: the first block after failed sign-ins; each following one is
    /// twice as long.
    pub block_first: TimeDelta,
    /// `MEDIQUE_LOGIN_BLOCK_MAX_S`: the longest block after failed sign-ins.
    pub block_max: TimeDelta,
    /// `MEDIQUE_LOGIN_FORGET_S`: failed sign-ins are forgotten when there was none for so long.
    pub forget: TimeDelta,
}

/// What is remembered of one account, address or pair of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    pub(super) failures: i32,
    pub(super) last_at: DateTime<Utc>,
    pub(super) blocked_until: DateTime<Utc>,
}

/// The end of a block that never was. Not the present: clocks are set back, and what was the present
/// would then be a block.
const NEVER: DateTime<Utc> = DateTime::UNIX_EPOCH;

impl Counter {
    /// One that knows of nothing.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            failures: 0,
            last_at: now,
            blocked_until: NEVER,
        }
    }

    /// Until when nobody gets in; none when somebody may try.
    pub fn blocked(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self.blocked_until > now).then_some(self.blocked_until)
    }

    /// Counts a try before it is judged, so that no number of tries at the same time gets around
    /// the count: [`Counter::refund`] takes it back when it succeeds.
    #[must_use]
    pub fn charge(self, free: i32, limits: &Limits, now: DateTime<Utc>) -> Self {
        let before = if now - self.last_at > limits.forget {
            0
        } else {
            self.failures
        };
        let failures = before.saturating_add(1);
        let blocked_until = match failures.checked_sub(free) {
            Some(beyond) if beyond >= 0 => now + block(beyond, limits),
            _ => NEVER,
        };
        Self {
            failures,
            last_at: now,
            blocked_until,
        }
    }

    /// Takes a charge back: the try succeeded.
    #[must_use]
    pub fn refund(self, free: i32) -> Self {
        let failures = (self.failures - 1).max(0);
        let is_free = failures < free;
        Self {
            failures,
            blocked_until: if is_free { NEVER } else { self.blocked_until },
            ..self
        }
    }
}

/// Twice as long with each failure beyond the free ones.
fn block(beyond: i32, limits: &Limits) -> TimeDelta {
    let factor = 1_i32
        .checked_shl(beyond.unsigned_abs())
        .filter(|factor| *factor > 0);
    factor
        .and_then(|factor| limits.block_first.checked_mul(factor))
        .map_or(limits.block_max, |block| block.min(limits.block_max))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        pair: 3,
        account: 5,
        address: 7,
        block_first: TimeDelta::seconds(2),
        block_max: TimeDelta::seconds(60),
        forget: TimeDelta::seconds(3600),
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn blocks_double_up_to_the_longest() {
        let mut counter = Counter::new(at(0));
        let mut blocks = Vec::new();
        let mut now = at(0);
        for _ in 0..40 {
            counter = counter.charge(LIMITS.pair, &LIMITS, now);
            let until = counter.blocked(now).unwrap_or(now);
            blocks.push((until - now).num_seconds());
            now = until;
        }
        assert_eq!(blocks[..9], [0, 0, 2, 4, 8, 16, 32, 60, 60]);
        assert!(blocks[8..].iter().all(|block| *block == 60), "{blocks:?}");
    }

    #[test]
    fn a_block_ends_by_itself_and_is_forgotten() {
        let mut counter = Counter::new(at(0));
        for _ in 0..3 {
            counter = counter.charge(LIMITS.pair, &LIMITS, at(0));
        }
        assert_eq!(counter.blocked(at(1)), Some(at(2)));
        assert_eq!(counter.blocked(at(2)), None);
        let later = counter.charge(LIMITS.pair, &LIMITS, at(3601));
        assert_eq!((later.failures, later.blocked(at(3601))), (1, None));
        let sooner = counter.charge(LIMITS.pair, &LIMITS, at(3600));
        assert_eq!(sooner.failures, 4);
    }

    #[test]
    fn a_clock_that_is_set_back_blocks_nobody() {
        let charged = Counter::new(at(9)).charge(LIMITS.pair, &LIMITS, at(9));
        let refunded = charged.refund(LIMITS.pair);
        for counter in [Counter::new(at(9)), charged, refunded] {
            assert_eq!(counter.blocked(at(0)), None);
        }
    }

    #[test]
    fn a_success_takes_its_own_charge_back_and_no_other() {
        let mut counter = Counter::new(at(0));
        for _ in 0..3 {
            counter = counter.charge(LIMITS.pair, &LIMITS, at(0));
        }
        let refunded = counter.refund(LIMITS.pair);
        assert_eq!((refunded.failures, refunded.blocked(at(0))), (2, None));
        let beyond = counter.charge(LIMITS.pair, &LIMITS, at(2));
        let refunded = beyond.refund(LIMITS.pair);
        assert_eq!(
            refunded.blocked(at(2)),
            beyond.blocked(at(2)),
            "others failed as often"
        );
        assert_eq!(Counter::new(at(0)).refund(LIMITS.pair).failures, 0);
    }
}
