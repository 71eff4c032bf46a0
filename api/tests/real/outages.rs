//! Live streams and reads while a server is away.

use crate::world::World;
use medique_contracts::events::EventType;
use medique_contracts::vocabulary::StageState;
use poem::http::StatusCode;

async fn publish_one(world: &World, token: &str) {
    let visit = world.visit(token, StageState::Waiting);
    world.publish(&[(EventType::VisitCheckedIn, &visit)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_away_clients_stay_and_then_miss_nothing() {
    let mut world = World::start().await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    staff.expect("snapshot").await;
    publish_one(&world, "GM-001").await;
    let before = staff.expect("visit_checked_in").await;
    world.broker.kill();
    assert_eq!(staff.expect("degraded").await.text("reason"), "events");
    staff.beat().await;
    staff.beat().await;
    // Somebody who comes now gets what the database has.
    let mut late = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    let events = [
        late.next().await.unwrap().name,
        late.next().await.unwrap().name,
    ];
    assert!(
        events.contains(&"degraded".to_owned()) && events.contains(&"snapshot".to_owned()),
        "{events:?}"
    );
    world.broker.restart().await;
    assert_eq!(staff.expect("recovered").await.text("reason"), "events");
    late.expect("recovered").await;
    publish_one(&world, "GM-002").await;
    for events in [&mut staff, &mut late] {
        let after = events.expect("visit_checked_in").await;
        assert_eq!(
            (after.seq(), after.text("token")),
            (before.seq() + 1, "GM-002")
        );
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_made_anew_gives_a_resync_and_a_new_epoch() {
    let mut world = World::start().await;
    let mut staff = world
        .follow(&world.staff_path(), &world.nurse(), None)
        .await;
    let before = staff.expect("snapshot").await;
    world.broker.kill();
    staff.expect("degraded").await;
    world.broker.lose_data();
    world.broker.restart().await;
    crate::servers::eventually(|| async { world.bus.ensure_streams().await.ok() }).await;
    let resync = loop {
        let event = staff.next().await.unwrap();
        if event.name == "resync" && event.id.is_some() {
            break event;
        }
    };
    assert_ne!(
        before.id.unwrap().split_once('-').unwrap().0,
        resync.id.unwrap().split_once('-').unwrap().0
    );
    loop {
        publish_one(&world, "GM-002").await;
        let event = staff.next().await.unwrap();
        if event.name == "visit_checked_in" {
            break;
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_reads_say_so_and_a_resync_waits() {
    let world = World::start().await;
    let visit = world.visit("GM-001", StageState::Waiting);
    world.store(&visit).await;
    let path = format!("/departments/{}/queue", world.medicine);
    world.ok(&path, &world.nurse()).await;
    world.database.set_open(false).await;
    let mut patient = world
        .follow(
            "/patient/visit/events",
            &world.patient(visit.visit_id),
            Some("1-1"),
        )
        .await;
    let (status, body) = world.get(&path, &world.nurse()).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            Some("database_unavailable")
        )
    );
    assert_eq!(patient.expect("degraded").await.text("reason"), "database");
    world.database.set_open(true).await;
    assert_eq!(patient.expect("recovered").await.text("reason"), "database");
    assert_eq!(
        patient.expect("resync").await.data["visit"]["token"],
        "GM-001"
    );
    world.end().await;
}
