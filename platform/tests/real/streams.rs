//! The streams as declared.

use crate::support::{Broker, Department, SYNC_ALWAYS, eventually, soon};
use bytes::Bytes;
use futures::StreamExt as _;
use medique_contracts::ids::FacilityId;
use medique_contracts::{CommandKind, subjects};
use medique_platform::bus::{Bus, BusError, OutgoingMessage};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn they_are_made_once_and_found_again() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    bus.ensure_streams().await.unwrap();
    let state = bus.stream_state(subjects::COMMANDS_STREAM).await.unwrap();
    assert_eq!((state.messages, state.last_seq), (0, 0));
    assert!(state.created_unix_nanos > 0);
}

#[tokio::test]
async fn two_processes_may_make_them_at_the_same_time() {
    let broker = Broker::start().await;
    let (one, two) = (
        broker.connect(&broker.config()).await,
        broker.connect(&broker.config()).await,
    );
    eventually(|| async {
        one.stream_state("none")
            .await
            .err()
            .filter(|e| !unavailable(e))
    })
    .await;
    let (one, two) = tokio::join!(one.ensure_streams(), two.ensure_streams());
    one.unwrap();
    two.unwrap();
}

fn unavailable(error: &BusError) -> bool {
    matches!(error, BusError::Unavailable(_))
}

#[tokio::test]
async fn a_different_stream_is_refused_with_the_field_and_both_values() {
    let broker = Broker::start().await;
    broker.bus().await;
    let mut config = broker.config();
    config.duplicate_window = Duration::from_secs(60);
    config.commands_max_bytes = 12_345;
    let error = broker
        .connect(&config)
        .await
        .ensure_streams()
        .await
        .unwrap_err();
    assert!(!error.is_transient());
    let text = error.to_string();
    assert_eq!(
        text,
        "stream COMMANDS is not configured as declared: \
         duplicate_window is 900000000000 and should be 60000000000, \
         max_bytes is 1073741824 and should be 12345"
    );
}

#[tokio::test]
async fn the_broker_hashes_departments_as_we_do() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    for n in 0..200 {
        let place = Department::new();
        let department = (n % 10 != 0).then_some(place.department);
        let message = OutgoingMessage {
            subject: subjects::command(place.facility, department, CommandKind::ALL[0]),
            message_id: n.to_string(),
            headers: Vec::new(),
            payload: Bytes::new(),
        };
        let sent_to = message.subject.clone();
        let stored = bus.publish_single(message).await.unwrap();
        let found = bus
            .get(subjects::COMMANDS_STREAM, stored.seq)
            .await
            .unwrap()
            .unwrap();
        let partition = subjects::partition_of(place.facility, department);
        assert_eq!(found.subject, format!("p.{partition}.{sent_to}"));
    }
}

#[tokio::test]
async fn a_message_can_be_read_by_its_place() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let before = medique_platform::clock::now();
    let stored = bus
        .publish_single(Department::new().message("one"))
        .await
        .unwrap();
    let found = bus
        .get(subjects::COMMANDS_STREAM, stored.seq)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.seq, &found.payload[..]), (1, &b"one"[..]));
    assert_eq!(found.header(subjects::HEADER_FINGERPRINT), Some("fp-one"));
    assert!(found.headers().any(|pair| pair == ("Nats-Msg-Id", "one")));
    assert!(found.stored_at >= before && found.stored_at <= medique_platform::clock::now());
    assert_eq!(found.stored_at.timestamp_subsec_nanos() % 1000, 0);
    assert!(
        bus.get(subjects::COMMANDS_STREAM, 2)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_newest_message_of_a_partition_is_found_until_it_is_purged() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let place = Department::new();
    let newest = || async { bus.newest_in_partition(place.partition()).await.unwrap() };
    assert_eq!(newest().await, None);
    for id in ["a", "b"] {
        bus.publish_single(place.message(id)).await.unwrap();
    }
    assert_eq!(newest().await, Some(2));
    bus.purge_commands_before(3).await.unwrap();
    assert_eq!(newest().await, None);
}

#[tokio::test]
async fn commands_are_purged_from_the_front() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    for id in ["a", "b", "c", "d"] {
        bus.publish_single(Department::new().message(id))
            .await
            .unwrap();
    }
    assert_eq!(bus.purge_commands_before(3).await.unwrap(), 2);
    let state = bus.stream_state(subjects::COMMANDS_STREAM).await.unwrap();
    assert_eq!((state.first_seq, state.last_seq, state.messages), (3, 4, 2));
    assert!(
        bus.get(subjects::COMMANDS_STREAM, 2)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn whether_the_broker_syncs_is_asked_of_it() {
    let with = Broker::start_with(SYNC_ALWAYS).await;
    let without = Broker::start().await;
    eventually(|| async { Bus::check_sync_always(&with.monitor_url(), None).await.ok() }).await;
    let not_synced = eventually(|| async {
        Bus::check_sync_always(&without.monitor_url(), None)
            .await
            .err()
            .filter(|e| !unavailable(e))
    });
    assert!(matches!(not_synced.await, BusError::NotSynced));
    let mut config = without.config();
    config.monitor_url = Some(without.monitor_url());
    without
        .connect(&config)
        .await
        .check_durability()
        .await
        .unwrap();
    config.require_sync_always = true;
    without
        .connect(&config)
        .await
        .check_durability()
        .await
        .unwrap_err();
}

#[tokio::test]
async fn a_notice_reaches_who_listens() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let mut notices = bus.listen(subjects::DECIDED).await.unwrap();
    bus.tell(subjects::DECIDED, Bytes::from_static(b"{}")).await;
    assert_eq!(soon(notices.next()).await, Some(Bytes::from_static(b"{}")));
    bus.flush_and_close().await;
    assert_eq!(soon(notices.next()).await, None);
    assert!(!bus.is_connected());
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_told_without_its_password() {
    let broker = Broker::start().await;
    let mut config = broker.config();
    config.url = format!("nats://someone:{}@[", FacilityId(Uuid::nil())).into();
    let error = Bus::connect(&config, "test").await.unwrap_err();
    assert!(matches!(error, BusError::Address(_)));
    assert!(!error.to_string().contains("0000"), "{error}");
}
