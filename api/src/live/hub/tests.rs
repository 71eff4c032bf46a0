use super::*;
use crate::live::samples::*;
use futures::FutureExt as _;
use medique_contracts::events::EventType;
use medique_contracts::ids::{DepartmentId, VisitId};
use medique_contracts::vocabulary::StageState;
use uuid::Uuid;

const EPOCH: u64 = 77;
const BOARD: Audience = Audience::Board {
    department: MEDICINE,
};

fn bounds(first_seq: u64, last_seq: u64) -> StreamBounds {
    StreamBounds {
        epoch: EPOCH,
        first_seq,
        last_seq,
    }
}

fn id(seq: u64) -> LiveId {
    LiveId { epoch: EPOCH, seq }
}

fn called(seq: u64, department: DepartmentId) -> Entry {
    let mut visit = visit(StageState::Called);
    visit.visit_id = VisitId(Uuid::from_u128(u128::from(1000 + seq)));
    visit.department_id = department;
    Entry::new(id(seq), visit_event(EventType::VisitCalled, visit), None)
}

/// A hub on a stream that was empty, with events 1 to `last` read.
fn hub(ring: usize, queue: usize, last: u64) -> Arc<Hub> {
    let hub = Hub::new(ring, queue);
    assert_eq!(hub.stand_on(bounds(1, 0)), 1);
    for seq in 1..=last {
        hub.publish(called(seq, MEDICINE));
    }
    hub
}

/// What waits in a queue; `true` at the end means that it was cut off.
fn waiting(subscription: &mut Subscription) -> (Vec<u64>, bool) {
    let mut seqs = Vec::new();
    loop {
        match subscription.next().now_or_never() {
            Some(Some(entry)) => seqs.push(entry.id.seq),
            Some(None) => return (seqs, true),
            None => return (seqs, false),
        }
    }
}

fn missed(joined: Joined) -> (Vec<u64>, Subscription) {
    let Joined::Here(missed, subscription) = joined else {
        panic!("{joined:?}")
    };
    (
        missed.iter().map(|entry| entry.id.seq).collect(),
        subscription,
    )
}

#[test]
fn what_comes_after_joining_comes_once() {
    let hub = hub(10, 10, 3);
    let (position, mut subscription) = hub.join(BOARD);
    assert_eq!(position, Some(id(3)));
    hub.publish(called(4, MEDICINE));
    hub.publish(called(4, MEDICINE));
    hub.publish(called(5, SURGERY));
    hub.publish(called(6, MEDICINE));
    assert_eq!(waiting(&mut subscription), (vec![4, 6], false));
}

#[test]
fn what_was_missed_comes_from_memory_and_joins_without_gap_or_repetition() {
    let hub = hub(10, 10, 5);
    let (before, mut subscription) = missed(hub.rejoin(BOARD, id(2)));
    hub.publish(called(6, MEDICINE));
    assert_eq!(
        (before, waiting(&mut subscription)),
        (vec![3, 4, 5], (vec![6], false))
    );
}

#[test]
fn the_ring_says_how_far_back_it_goes() {
    let hub = hub(3, 10, 10);
    assert_eq!(hub.floor(), Some(7));
    assert_eq!(missed(hub.rejoin(BOARD, id(7))).0, [8, 9, 10]);
    assert!(matches!(hub.rejoin(BOARD, id(6)), Joined::TooOld(4)));
    assert!(matches!(hub.rejoin(BOARD, id(11)), Joined::Ahead));
    assert!(matches!(
        hub.rejoin(BOARD, LiveId { epoch: 1, seq: 9 }),
        Joined::OtherStream
    ));
}

#[test]
fn a_full_queue_cuts_the_client_off_and_nobody_else() {
    let hub = hub(10, 2, 0);
    let (_, mut slow) = hub.join(BOARD);
    let (_, mut quick) = hub.join(BOARD);
    hub.publish(called(1, MEDICINE));
    hub.publish(called(2, MEDICINE));
    assert_eq!(waiting(&mut quick), (vec![1, 2], false));
    assert_eq!(hub.publish(called(3, MEDICINE)).cut_off, 1);
    hub.publish(called(4, MEDICINE));
    // Not even what waits is shown: a snapshot says it sooner.
    assert_eq!(waiting(&mut slow), (vec![], true));
    assert_eq!(waiting(&mut quick), (vec![3, 4], false));
    assert_eq!(hub.clients(), 1);
}

#[test]
fn a_client_that_goes_away_is_forgotten() {
    let hub = hub(10, 10, 0);
    let (_, subscription) = hub.join(BOARD);
    let (_, other) = hub.join(Audience::Staff {
        facility: FACILITY,
        department: MEDICINE,
    });
    assert_eq!(hub.clients(), 2);
    drop(subscription);
    drop(other);
    assert_eq!(hub.clients(), 0);
}

#[test]
fn a_client_that_joins_before_the_hub_is_ready_starts_anew_when_it_is() {
    let hub = Hub::new(2, 10);
    let (position, mut early) = hub.join(BOARD);
    assert_eq!(position, None);
    assert!(matches!(hub.rejoin(BOARD, id(3)), Joined::NotReady));
    // The ring holds two: reading begins near the end.
    assert_eq!(hub.stand_on(bounds(1, 5)), 4);
    assert_eq!(waiting(&mut early), (vec![], true));
    let (position, mut early) = hub.join(BOARD);
    assert_eq!(position, None);
    hub.publish(called(4, MEDICINE));
    assert_eq!(*hub.link().borrow(), Link::Starting);
    hub.publish(called(5, MEDICINE));
    assert_eq!(*hub.link().borrow(), Link::Up);
    assert_eq!(waiting(&mut early), (vec![], true));
    assert_eq!(missed(hub.rejoin(BOARD, id(3))).0, [4, 5]);
}

#[test]
fn after_an_outage_the_hub_goes_on_where_it_stopped() {
    let hub = hub(10, 10, 3);
    let (_, mut subscription) = hub.join(BOARD);
    hub.set_link(Link::Down);
    assert_eq!(hub.stand_on(bounds(1, 8)), 4);
    hub.set_link(Link::Up);
    hub.publish(called(4, MEDICINE));
    assert_eq!(waiting(&mut subscription), (vec![4], false));
}

#[test]
fn another_stream_a_shorter_one_or_one_that_forgot_too_much_starts_everybody_anew() {
    let other = StreamBounds {
        epoch: EPOCH + 1,
        first_seq: 1,
        last_seq: 3,
    };
    for bounds in [other, bounds(1, 2), bounds(5, 9)] {
        let hub = hub(10, 10, 3);
        let (_, mut subscription) = hub.join(BOARD);
        assert_eq!(hub.stand_on(bounds), bounds.first_seq, "{bounds:?}");
        assert_eq!(waiting(&mut subscription), (vec![], true), "{bounds:?}");
    }
}

#[test]
fn a_hole_in_the_stream_starts_everybody_anew() {
    let hub = hub(10, 10, 3);
    let (_, mut subscription) = hub.join(BOARD);
    hub.publish(called(6, MEDICINE));
    assert_eq!(waiting(&mut subscription), (vec![], true));
    assert!(matches!(hub.rejoin(BOARD, id(3)), Joined::TooOld(_)));
    assert_eq!(missed(hub.rejoin(BOARD, id(5))).0, [6]);
}

#[test]
fn a_client_that_is_ahead_joins_without_gap_however_far_the_hub_came_meanwhile() {
    let hub = hub(10, 10, 3);
    assert!(matches!(hub.rejoin(BOARD, id(5)), Joined::Ahead));
    let (before, mut subscription) = missed(hub.rejoin_verified(BOARD, id(5)));
    hub.publish(called(4, MEDICINE));
    assert_eq!(
        (before, waiting(&mut subscription)),
        (vec![], (vec![4], false))
    );
    for seq in 5..=7 {
        hub.publish(called(seq, MEDICINE));
    }
    assert_eq!(missed(hub.rejoin_verified(BOARD, id(5))).0, [6, 7]);
}
