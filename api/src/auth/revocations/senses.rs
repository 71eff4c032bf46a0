//! Whether what is known of revocations may still be acted on, while the database is not seen.
//!
//! What is revoked must stop everywhere within 30 seconds. A replica that alone has lost the database
//! misses what others revoke, so it stops trusting what it knows after [`ALONE_MAX`]. When nobody
//! sees the database, nobody can revoke anything, and everybody goes on, for the time that is
//! configured. The two are told apart by what all processes say on the broker
//! ([`medique_platform::sight`]); whoever does not hear even itself counts as alone.

use medique_platform::sight::Sight;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Longest time without the database while others see it, or may.
const ALONE_MAX: Duration = Duration::from_secs(20);
/// What was said longer ago than this counts as not said: two sayings that did not come.
const HEARD_MAX: Duration = Duration::from_secs(10);
/// When the database comes back, some see it before others: for so long that is no sign.
const GRACE: Duration = Duration::from_secs(8);

/// What a replica saw and heard, and when.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Senses {
    /// The beginning of the last look at the database that succeeded.
    looked_at: Option<Instant>,
    /// The last time that this replica heard itself.
    echo_at: Option<Instant>,
    /// Since when others have seen the database without a break, and the last time they said so.
    others: Option<(Instant, Instant)>,
}

impl Senses {
    pub(super) fn looked(&mut self, began: Instant) {
        self.looked_at = Some(began);
    }

    pub(super) fn hear(&mut self, said: Sight, own: Uuid, now: Instant) {
        if said.process == own {
            self.echo_at = Some(now);
        } else if said.sees {
            let since = match self.others {
                Some((since, last)) if now.duration_since(last) < HEARD_MAX => since,
                _ => now,
            };
            self.others = Some((since, now));
        }
    }

    /// Whether what is known may be acted on; `blind_max` bounds how long everybody goes on without
    /// the database.
    pub(super) fn suffice(&self, blind_max: Duration, now: Instant) -> bool {
        let within = |at: Option<Instant>, most: Duration| {
            at.is_some_and(|at| now.saturating_duration_since(at) < most)
        };
        if within(self.looked_at, ALONE_MAX.min(blind_max)) {
            return true;
        }
        let others_see = self.others.is_some_and(|(since, last)| {
            within(Some(last), HEARD_MAX) && !within(Some(since), GRACE)
        });
        within(self.looked_at, blind_max) && within(self.echo_at, HEARD_MAX) && !others_see
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLIND_MAX: Duration = Duration::from_secs(600);
    const OWN: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    /// The last look, and then what is said every five seconds; gives when it ceased to suffice.
    fn blind_since(start: Instant, said: impl Fn(u64) -> Vec<(Uuid, bool)>) -> Option<u64> {
        let mut senses = Senses::default();
        senses.looked(start);
        (0..700).find(|second| {
            let now = start + Duration::from_secs(*second);
            if second % 5 == 0 {
                for (process, sees) in said(*second) {
                    senses.hear(Sight { process, sees }, OWN, now);
                }
            }
            !senses.suffice(BLIND_MAX, now)
        })
    }

    #[test]
    fn who_alone_is_blind_soon_trusts_nobody_and_all_together_go_on() {
        let start = Instant::now();
        let alone = blind_since(start, |_| vec![(OWN, false), (OTHER, true)]);
        assert_eq!(alone, Some(20));
        let together = blind_since(start, |_| vec![(OWN, false), (OTHER, false)]);
        assert_eq!(together, Some(600));
        let one_replica = blind_since(start, |_| vec![(OWN, false)]);
        assert_eq!(one_replica, Some(600));
        // without the broker nobody would be heard
        assert_eq!(blind_since(start, |_| Vec::new()), Some(20));
        assert_eq!(blind_since(start, |_| vec![(OTHER, false)]), Some(20));
    }

    #[test]
    fn the_first_to_see_again_stops_the_others_only_after_a_while() {
        let start = Instant::now();
        // away for everybody, from the third second to the hundredth
        let comes_back = blind_since(start, |second| {
            vec![(OWN, false), (OTHER, !(3..100).contains(&second))]
        });
        assert_eq!(comes_back, Some(108));
    }

    #[test]
    fn nothing_suffices_before_the_first_look() {
        let now = Instant::now();
        let mut senses = Senses::default();
        let own = Sight {
            process: OWN,
            sees: false,
        };
        senses.hear(own, OWN, now);
        assert!(!senses.suffice(BLIND_MAX, now));
    }

    #[test]
    fn a_shorter_bound_counts_for_all() {
        let now = Instant::now();
        let mut senses = Senses::default();
        senses.looked(now);
        let bound = Duration::from_secs(15);
        assert!(senses.suffice(bound, now + Duration::from_secs(14)));
        assert!(!senses.suffice(bound, now + Duration::from_secs(15)));
    }
}
