//! Live streams while all is well.

use crate::servers::soon;
use crate::stream::{Event, Events};
use crate::world::{CANARY, World, follow};
use chrono::TimeDelta;
use medique_api::app::Shared;
use medique_contracts::VisitSnapshot;
use medique_contracts::actor::Grants;
use medique_contracts::events::EventType;
use medique_contracts::ids::VisitId;
use medique_contracts::vocabulary::{Role, StageState};
use uuid::Uuid;

/// More than the ring of a replica holds.
const MORE_THAN_MEMORY: usize = 12_000;

fn next_version(visit: &VisitSnapshot, world: &World, state: StageState) -> VisitSnapshot {
    VisitSnapshot {
        version: visit.version + 1,
        visit_id: visit.visit_id,
        token: visit.token.clone(),
        ..world.visit("", state)
    }
}

/// One event each on visits of their own, numbered by token.
async fn publish_many(world: &World, count: usize) {
    let visits: Vec<_> = (0..count)
        .map(|n| world.visit(&format!("GM-{n:05}"), StageState::Waiting))
        .collect();
    let events: Vec<_> = visits
        .iter()
        .map(|visit| (EventType::VisitCheckedIn, visit))
        .collect();
    world.publish(&events).await;
}

async fn take(events: &mut Events, count: usize) -> Vec<Event> {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        taken.push(events.next().await.expect("the stream ended"));
    }
    taken
}

fn assert_without_gap(events: &[Event]) {
    for pair in events.windows(2) {
        assert_eq!(pair[0].seq() + 1, pair[1].seq());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_starts_with_a_snapshot_and_sees_what_follows_as_they_may() {
    let world = World::start().await;
    let urgent = world.visit("GM-001", StageState::Urgent);
    let held = world.visit("GM-002", StageState::OnHold);
    world.store(&urgent).await;
    world.store(&held).await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    let mut board = world
        .follow(&world.board_path(), &world.board(), None)
        .await;
    let mut patient = world
        .follow(
            "/patient/visit/events",
            &world.patient(urgent.visit_id),
            None,
        )
        .await;

    let snapshot = staff.expect("snapshot").await;
    let mut levels: Vec<_> = snapshot.data["visits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|visit| visit["level"].as_u64())
        .collect();
    levels.sort();
    assert_eq!(levels, [Some(2), Some(4)]);
    let snapshot = board.expect("snapshot").await;
    assert_eq!(
        snapshot.data["visits"][0]["state"], "WAITING",
        "a board does not say who is urgent"
    );
    let snapshot = patient.expect("snapshot").await;
    assert_eq!(snapshot.data["visit"]["people_ahead"], 0);

    let called = next_version(&urgent, &world, StageState::Called);
    world.store(&called).await;
    world.publish(&[(EventType::VisitCalled, &called)]).await;
    for events in [&mut staff, &mut board, &mut patient] {
        let event = events.expect("visit_called").await;
        assert_eq!(
            (
                event.text("state"),
                event.text("token"),
                &event.data["version"]
            ),
            ("CALLED", "GM-001", &2.into())
        );
    }
    let gone = next_version(&called, &world, StageState::Left);
    world.store(&gone).await;
    world.publish(&[(EventType::VisitLeft, &gone)]).await;
    staff.expect("visit_left").await;
    board.expect("visit_removed").await;
    patient.expect("visit_left").await;
    for events in [&staff, &board, &patient] {
        assert!(!events.everything.contains(CANARY));
    }
    assert!(board.everything.contains("\"room\":\"R3\""));
    for secret in ["level", "URGENT", "LEFT", "doctor"] {
        assert!(!board.everything.contains(secret), "{secret}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_snapshot_holds_is_not_shown_again() {
    let world = World::start().await;
    let waiting = world.visit("GM-001", StageState::Waiting);
    let called = next_version(&waiting, &world, StageState::Called);
    world.store(&called).await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    staff.expect("snapshot").await;
    // Committed before the snapshot, published after it.
    let started = next_version(&called, &world, StageState::InConsultation);
    world
        .publish(&[
            (EventType::VisitCheckedIn, &waiting),
            (EventType::VisitCalled, &called),
            (EventType::VisitStarted, &started),
        ])
        .await;
    assert_eq!(staff.expect("visit_started").await.data["version"], 3);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_may_listen_before_the_check_in_was_applied() {
    let world = World::start().await;
    let visit = world.visit("GM-001", StageState::Waiting);
    let mut patient = world
        .follow(
            "/patient/visit/events",
            &world.patient(visit.visit_id),
            None,
        )
        .await;
    assert!(patient.expect("snapshot").await.data["visit"].is_null());
    world.publish(&[(EventType::VisitCheckedIn, &visit)]).await;
    patient.expect("visit_checked_in").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_seen_on_both_sides() {
    let world = World::start().await;
    let mut here = world
        .follow(&world.board_path(), &world.board(), None)
        .await;
    here.expect("snapshot").await;
    let there = world.staff(Role::Doctor, Grants::Only(vec![world.surgery]));
    let mut there = world
        .follow(
            &format!("/departments/{}/events", world.surgery),
            &there,
            None,
        )
        .await;
    there.expect("snapshot").await;
    let mut moved = world.visit("GM-007", StageState::Waiting);
    moved.department_id = world.surgery;
    moved.from_department_id = Some(world.medicine);
    world
        .publish(&[(EventType::VisitTransferred, &moved)])
        .await;
    here.expect("visit_removed").await;
    there.expect("visit_transferred").await;
    world.end().await;
}

/// Waits until a replica has read the stream that far: a client that joins while thousands of events
/// are still coming in may rightly get a snapshot instead of them.
async fn has_read(app: &Shared, world: &World, seq: u64) {
    loop {
        let mut staff = follow(app, &world.staff_path(), &world.nurse(), None).await;
        if staff.expect("snapshot").await.seq() >= seq {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_replayed_from_memory_or_from_the_stream_by_any_replica() {
    let world = World::start().await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    let first = staff.expect("snapshot").await;
    drop(staff);
    publish_many(&world, MORE_THAN_MEMORY).await;
    let another = world.another_app().await;
    for app in [&world.app, &another] {
        has_read(app, &world, first.seq() + MORE_THAN_MEMORY as u64).await;
        // From the stream, then from memory, then live.
        let mut staff = follow(
            app,
            &world.staff_path(),
            &world.nurse(),
            first.id.as_deref(),
        )
        .await;
        let replayed = take(&mut staff, MORE_THAN_MEMORY).await;
        assert_eq!(replayed[0].seq(), first.seq() + 1);
        assert_without_gap(&replayed);
        let near = &replayed[MORE_THAN_MEMORY - 100];
        let mut staff = follow(app, &world.staff_path(), &world.nurse(), near.id.as_deref()).await;
        let replayed = take(&mut staff, 99).await;
        assert_eq!(replayed[0].seq(), near.seq() + 1);
        assert_without_gap(&replayed);
    }
    another.lifecycle.soft.cancel();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_cannot_be_continued_gives_a_resync() {
    let world = World::start().await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    let id = staff.expect("snapshot").await.id.unwrap();
    let (epoch, _) = id.split_once('-').unwrap();
    for id in ["1-1", "nonsense", &format!("{epoch}-999999")] {
        let mut staff = world
            .follow(&world.staff_path(), &world.nurse(), Some(id))
            .await;
        staff.expect("resync").await;
        publish_many(&world, 1).await;
        staff.expect("visit_checked_in").await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_falls_behind_gets_one_snapshot_and_goes_on() {
    let world = World::start().await;
    let visit = world.visit("GM-001", StageState::Waiting);
    world.store(&visit).await;
    let mut slow = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    let mut quick = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    slow.expect("snapshot").await;
    quick.expect("snapshot").await;
    // The quick one reads in step, the slow one does not read at all.
    for _ in 0..20 {
        publish_many(&world, 10).await;
        assert_without_gap(&take(&mut quick, 10).await);
    }
    let mut before = Vec::new();
    let resync = loop {
        let event = slow.next().await.unwrap();
        if event.name == "resync" {
            break event;
        }
        before.push(event);
    };
    assert_without_gap(&before);
    assert!(before.len() < 60, "{} waited", before.len());
    assert_eq!(resync.data["visits"][0]["token"], "GM-001");
    publish_many(&world, 3).await;
    let after = take(&mut slow, 3).await;
    assert_eq!(after[0].seq(), resync.seq() + 1);
    assert_without_gap(&after);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_beats_and_ends_with_its_credential() {
    let world = World::start().await;
    let token = world.staff_for(Role::Nurse, Grants::All, TimeDelta::seconds(3));
    let mut staff = world.follow(&world.staff_path(), &token, None).await;
    staff.expect("snapshot").await;
    let closing = staff.expect("closing").await;
    assert_eq!(
        (closing.text("reason"), &closing.id),
        ("credential_expired", &None)
    );
    assert_eq!(staff.next().await, None);
    assert!(staff.heartbeats >= 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_process_drains() {
    let world = World::start().await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    staff.expect("snapshot").await;
    world.app.lifecycle.soft.cancel();
    let closing = staff.expect("closing").await;
    assert_eq!(closing.text("reason"), "draining");
    assert_eq!(staff.next().await, None);
    soon("the reader ends", async {
        world.app.lifecycle.tasks.close();
        world.app.lifecycle.tasks.wait().await;
    })
    .await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_follows_what_is_not_theirs() {
    let world = World::start().await;
    let surgeon = world.staff(Role::Doctor, Grants::Only(vec![world.surgery]));
    let patient = world.patient(VisitId(Uuid::now_v7()));
    let unknown = format!("/departments/{}/events", Uuid::now_v7());
    for (path, token, status) in [
        (world.staff_path(), surgeon.clone(), 403),
        (world.board_path(), surgeon.clone(), 403),
        (world.staff_path(), world.board(), 403),
        (world.staff_path(), patient.clone(), 403),
        (world.board_path(), patient, 403),
        ("/patient/visit/events".to_owned(), surgeon, 403),
        (unknown, world.staff(Role::Admin, Grants::All), 404),
        (world.staff_path(), "nonsense".to_owned(), 401),
    ] {
        let (answer, body) = world.get(&path, &token).await;
        assert_eq!(answer, status, "{path}: {body}");
    }
    world.end().await;
}
