//! Reading while the broker is well, and when it lost its log.

use crate::support::{Broker, Department, soon, text};
use futures::{FutureExt as _, StreamExt as _};
use medique_contracts::subjects;
use medique_platform::bus::{Bus, BusError};

async fn publish(bus: &Bus, place: Department, ids: std::ops::Range<u64>) {
    for id in ids {
        bus.publish_single(place.message(&id.to_string()))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_reader_sees_its_partition_from_its_place_on() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let here = Department::new();
    let elsewhere = loop {
        let other = Department::new();
        if other.partition() != here.partition() {
            break other;
        }
    };
    publish(&bus, here, 0..3).await;
    publish(&bus, elsewhere, 3..5).await;
    publish(&bus, here, 5..6).await;
    let mut reader = bus.read_partition(here.partition(), 2).await.unwrap();
    let seqs: Vec<_> = soon(reader.by_ref().take(3).map(|m| m.unwrap().seq).collect()).await;
    assert_eq!(seqs, [2, 3, 6]);
    assert!(reader.next().now_or_never().is_none());
    publish(&bus, here, 6..7).await;
    let next = soon(reader.next()).await.unwrap().unwrap();
    assert_eq!((next.seq, text(&next.payload)), (7, "6".to_owned()));
    assert_eq!(next.header(subjects::HEADER_FINGERPRINT), Some("fp-6"));
    assert_eq!(
        next.stored_at,
        bus.get(subjects::COMMANDS_STREAM, 7)
            .await
            .unwrap()
            .unwrap()
            .stored_at
    );
}

#[tokio::test]
async fn a_reader_of_what_is_new_gets_nothing_old() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let event = |id: &str| medique_platform::bus::OutgoingMessage {
        subject: "evt.v1.a.b.c.d".to_owned(),
        ..Department::new().message(id)
    };
    bus.publish_events(&[event("old")]).await.unwrap();
    let (last_seq, mut reader) = bus.read_new_events().await.unwrap();
    assert_eq!(last_seq, 1);
    bus.publish_events(&[event("new")]).await.unwrap();
    assert_eq!(
        text(&soon(reader.next()).await.unwrap().unwrap().payload),
        "new"
    );
}

#[tokio::test]
async fn a_reader_outlives_its_consumer() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let place = Department::new();
    publish(&bus, place, 0..1000).await;
    let mut reader = bus.read_partition(place.partition(), 1).await.unwrap();
    let first: Vec<_> = soon(reader.by_ref().take(100).map(|m| m.unwrap().seq).collect()).await;
    delete_consumers(&broker).await;
    let rest: Vec<_> = soon(reader.by_ref().take(900).map(|m| m.unwrap().seq).collect()).await;
    assert_eq!([first, rest].concat(), (1..=1000).collect::<Vec<_>>());
    // Idle, with its pull request waiting on the broker.
    assert!(reader.next().now_or_never().is_none());
    delete_consumers(&broker).await;
    publish(&bus, place, 1000..1001).await;
    assert_eq!(soon(reader.next()).await.unwrap().unwrap().seq, 1001);
}

async fn delete_consumers(broker: &Broker) {
    let server: async_nats::ServerAddr = broker.url().parse().unwrap();
    let client = async_nats::ConnectOptions::new()
        .user_and_password(
            crate::support::USER.to_owned(),
            crate::support::PASSWORD.to_owned(),
        )
        .connect(server)
        .await
        .unwrap();
    let stream = async_nats::jetstream::new(client)
        .get_stream(subjects::COMMANDS_STREAM)
        .await
        .unwrap();
    let mut names = stream.consumer_names();
    let mut deleted = 0;
    while let Some(name) = names.next().await {
        stream.delete_consumer(&name.unwrap()).await.unwrap();
        deleted += 1;
    }
    assert!(deleted > 0);
}

#[tokio::test]
async fn a_log_that_ends_before_the_cursor_is_told() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    publish(&bus, Department::new(), 0..3).await;
    assert!(bus.read_partition(0, 4).await.is_ok());
    match bus.read_partition(0, 5).await.err() {
        Some(BusError::BehindCursor {
            stream: "COMMANDS",
            last_seq: 3,
            cursor: 4,
        }) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_log_that_is_lost_while_it_is_read_is_told() {
    let mut broker = Broker::start().await;
    let bus = broker.bus().await;
    let place = Department::new();
    publish(&bus, place, 0..3).await;
    let mut reader = bus.read_partition(place.partition(), 1).await.unwrap();
    let read: Vec<_> = soon(reader.by_ref().take(3).map(|m| m.unwrap().seq).collect()).await;
    assert_eq!(read, [1, 2, 3]);
    broker.kill();
    broker.lose_data();
    broker.restart().await;
    broker.bus().await;
    match soon(reader.next()).await {
        Some(Err(BusError::Replaced { .. })) => {}
        other => panic!("{other:?}"),
    }
    assert!(reader.next().await.is_none());
}
