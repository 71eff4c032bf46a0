use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

const TARGETS: [u16; 5] = [0, 10, 60, 120, 240];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
}

fn entry(id: u128, level: u8, waited_minutes: i64) -> QueueEntry {
    QueueEntry {
        visit_id: Uuid::from_u128(id).into(),
        level,
        front: false,
        queued_since: now() - TimeDelta::minutes(waited_minutes),
        target_minutes: TARGETS[usize::from(level) - 1],
        assigned_doctor_id: None,
    }
}

fn first<'a>(a: &'a QueueEntry, b: &'a QueueEntry) -> (&'a QueueEntry, Reason) {
    match (explain(a, b, now()), explain(b, a, now())) {
        (Some(reason), None) => (a, reason),
        (None, Some(reason)) => (b, reason),
        both => unreachable!("exactly one of two is ahead: {both:?}"),
    }
}

#[test]
fn level_1_then_front_then_credit_then_wait_then_id() {
    let immediate = entry(1, 1, 0);
    let front = QueueEntry {
        front: true,
        ..entry(2, 5, 0)
    };
    let overdue = entry(3, 5, 10_000);
    assert_eq!(first(&front, &immediate), (&immediate, Reason::Immediate));
    assert_eq!(first(&overdue, &front), (&front, Reason::PlacedInFront));
    let (half, whole) = (entry(4, 3, 30), entry(5, 4, 120));
    let credit = Reason::HigherCredit {
        waited_s: 7200,
        target_minutes: 120,
        other_waited_s: 1800,
        other_target_minutes: 60,
    };
    assert_eq!(first(&half, &whole), (&whole, credit));
    let (short, long) = (entry(6, 3, 60), entry(7, 4, 120));
    assert_eq!(
        first(&short, &long),
        (&long, Reason::LongerWait),
        "equal credit"
    );
    let (low, high) = (entry(8, 3, 60), entry(9, 3, 60));
    assert_eq!(first(&high, &low), (&low, Reason::Identifier));
}

#[test]
fn a_target_of_zero_is_overdue_at_once() {
    let zero = QueueEntry {
        target_minutes: 0,
        ..entry(1, 2, 0)
    };
    let long = entry(2, 2, 100_000);
    assert_eq!(compare(&zero, &long, now()), Ordering::Less);
    let older = QueueEntry {
        target_minutes: 0,
        ..entry(3, 2, 5)
    };
    assert_eq!(first(&zero, &older), (&older, Reason::LongerWait));
}

#[test]
fn one_microsecond_decides() {
    // 10 of 240 minutes and 5 of 120 are the same share; one microsecond more is more.
    let (a, b) = (entry(1, 5, 10), entry(2, 4, 5));
    assert_eq!(compare(&a, &b, now()), Ordering::Less);
    let b = QueueEntry {
        queued_since: b.queued_since - TimeDelta::microseconds(1),
        ..b
    };
    assert_eq!(compare(&a, &b, now()), Ordering::Greater);
}

#[test]
fn a_clock_that_went_backwards_gives_no_negative_credit() {
    let (future, later) = (entry(1, 3, -10), entry(2, 4, -20));
    assert_eq!(first(&later, &future), (&future, Reason::LongerWait));
}

#[test]
fn people_ahead_are_those_who_would_be_called_before() {
    let (one, two) = (Uuid::from_u128(8).into(), Uuid::from_u128(9).into());
    let of = |doctor, entry| QueueEntry {
        assigned_doctor_id: Some(doctor),
        ..entry
    };
    let others = [
        entry(1, 3, 30),
        of(one, entry(2, 3, 30)),
        of(two, entry(3, 3, 30)),
        entry(4, 3, 5),
    ];
    let mine = entry(7, 3, 20);
    assert_eq!(
        people_ahead(&mine, &others, now()),
        3,
        "whoever waits for any doctor"
    );
    assert_eq!(
        people_ahead(&of(one, mine), &others, now()),
        2,
        "not for another doctor"
    );
    assert_eq!(
        next_for(others, two, now()).map(|entry| entry.visit_id),
        Some(others[0].visit_id)
    );
}

fn any_entry() -> impl Strategy<Value = QueueEntry> {
    // Few values, so that ties of every kind come up.
    (
        0_u128..6,
        1_u8..=5,
        any::<bool>(),
        -3_i64..20,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(id, level, front, steps, zero)| {
            let entry = QueueEntry {
                front,
                ..entry(id, level, steps * 10)
            };
            if zero {
                QueueEntry {
                    target_minutes: 0,
                    ..entry
                }
            } else {
                entry
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_order_is_total(a in any_entry(), b in any_entry(), c in any_entry()) {
        let is = |x: &QueueEntry, y: &QueueEntry| compare(x, y, now());
        prop_assert_eq!(is(&a, &b), is(&b, &a).reverse());
        prop_assert_eq!(is(&a, &a), Ordering::Equal);
        if is(&a, &b).is_le() && is(&b, &c).is_le() {
            prop_assert!(is(&a, &c).is_le());
        }
        if a.visit_id != b.visit_id {
            prop_assert_ne!(is(&a, &b), Ordering::Equal);
        }
    }

    #[test]
    fn the_explanation_agrees_with_the_order(a in any_entry(), b in any_entry()) {
        prop_assert_eq!(explain(&a, &b, now()).is_some(), compare(&a, &b, now()).is_lt());
        if let Some(Reason::HigherCredit { waited_s, target_minutes, other_waited_s, other_target_minutes }) =
            explain(&a, &b, now())
        {
            let mine = waited_s * i64::from(other_target_minutes);
            let other = other_waited_s * i64::from(target_minutes);
            prop_assert!(mine > other || target_minutes == 0);
        }
    }

    /// The loader takes the head of each level by this simpler key.
    #[test]
    fn within_a_level_the_order_is_front_then_wait_then_id(
        level in 1_u8..=5, a in any_entry(), b in any_entry(),
    ) {
        let target_minutes = a.target_minutes;
        let [a, b] = [a, b].map(|entry| QueueEntry { level, target_minutes, ..entry });
        let key = |entry: &QueueEntry| (!entry.front, entry.queued_since, entry.visit_id);
        prop_assert_eq!(compare(&a, &b, now()), key(&a).cmp(&key(&b)));
    }
}
