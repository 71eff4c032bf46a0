//! Invariant 10: how far a patient can be overtaken is bounded, by simulated arrivals.

use chrono::{DateTime, TimeDelta, Utc};
use medique_domain::queue_order::{self, QueueEntry};
use std::collections::BTreeMap;
use uuid::Uuid;

const TARGETS: [u16; 5] = [0, 10, 60, 120, 240];
const PATIENTS: u64 = 20_000;

/// A small generator, so that the simulation is the same everywhere (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn arrival(numbers: &mut Numbers, now: DateTime<Utc>, index: u64) -> QueueEntry {
    let level = match numbers.below(100) {
        0..1 => 1,
        1..13 => 2,
        13..50 => 3,
        50..85 => 4,
        _ => 5,
    };
    QueueEntry {
        visit_id: Uuid::from_u64_pair(numbers.below(u64::MAX), index).into(),
        level,
        front: false,
        queued_since: now,
        target_minutes: TARGETS[usize::from(level) - 1],
        assigned_doctor_id: None,
    }
}

/// Who arrived later and was called earlier came within a share `1 - target / own target` of the
/// wait until then: whoever waits is overtaken by ever fewer of those who arrive.
fn within_bound(called: &QueueEntry, passed: &QueueEntry, now: DateTime<Utc>) -> bool {
    if called.queued_since <= passed.queued_since || called.level == 1 {
        return true;
    }
    let (later, waited) = (
        called.queued_since - passed.queued_since,
        now - passed.queued_since,
    );
    let (target, own) = (
        i64::from(called.target_minutes),
        i64::from(passed.target_minutes),
    );
    target < own && later.num_seconds() * own <= waited.num_seconds() * (own - target)
}

#[test]
fn overtaking_is_bounded_and_everybody_is_served() {
    let mut numbers = Numbers(7);
    let mut now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a valid instant");
    let (mut waiting, mut longest): (Vec<QueueEntry>, BTreeMap<u8, TimeDelta>) = Default::default();
    let (mut arrived, mut called, mut overtaken) = (0, 0, 0_u64);
    while called < PATIENTS {
        now += TimeDelta::seconds(30 + i64::try_from(numbers.below(60)).expect("small"));
        // Slightly more room than need in the long run, and crowds now and then.
        if arrived < PATIENTS && (numbers.below(100) < 49 || arrived % 1000 > 900) {
            waiting.push(arrival(&mut numbers, now, arrived));
            arrived += 1;
        }
        if numbers.below(100) >= 52 {
            continue;
        }
        let best =
            (0..waiting.len()).min_by(|a, b| queue_order::compare(&waiting[*a], &waiting[*b], now));
        let Some(best) = best else { continue };
        let next = waiting.swap_remove(best);
        called += 1;
        let longest = longest.entry(next.level).or_default();
        *longest = (*longest).max(now - next.queued_since);
        for passed in &waiting {
            assert!(
                within_bound(&next, passed, now),
                "{next:?} passed {passed:?} at {now}"
            );
            overtaken += u64::from(next.queued_since > passed.queued_since);
        }
    }
    assert!(waiting.is_empty(), "everybody is served");
    assert!(
        overtaken > 1000,
        "the simulation is crowded enough to mean something"
    );
    let waits: Vec<_> = longest.into_values().collect();
    assert!(
        waits.is_sorted(),
        "the longest wait grows with the level: {waits:?}"
    );
}
