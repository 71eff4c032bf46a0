//! Publishing while the broker is well.

use crate::support::{Broker, Department, NO_SYNC, SYNC_ALWAYS, soon, text};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::join_all;
use medique_contracts::events::EventType;
use medique_contracts::ids::{FacilityId, VisitId};
use medique_contracts::subjects;
use medique_platform::bus::{
    Batching, COMMAND_MESSAGE_BYTES_MAX, OutgoingMessage, PublishError, PublisherConfig,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn with(batching: Batching) -> PublisherConfig {
    PublisherConfig {
        batching,
        ..PublisherConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_at_once_is_stored_once_where_it_was_said() {
    for batching in [Batching::Measured, Batching::Always, Batching::Never] {
        many_at_once(batching).await;
    }
}

async fn many_at_once(batching: Batching) {
    const PUBLISHERS: usize = 64;
    const EACH: usize = 30;
    let broker = Broker::start_with(SYNC_ALWAYS).await;
    let bus = broker.bus().await;
    let publisher = bus.publisher(with(batching));
    let place = Department::new();
    let tasks = (0..PUBLISHERS).map(|task| {
        let publisher = publisher.clone();
        tokio::spawn(async move {
            let mut seqs = Vec::new();
            for n in 0..EACH {
                let id = format!("{task}-{n}");
                let stored = publisher.publish(place.message(&id)).await.unwrap();
                assert!(!stored.duplicate);
                seqs.push((stored.seq, id));
            }
            assert!(
                seqs.is_sorted(),
                "one after another means one after another in the stream"
            );
            seqs
        })
    });
    let mut said = BTreeMap::new();
    for seqs in join_all(tasks).await {
        said.extend(seqs.unwrap());
    }
    assert_eq!(said.len(), PUBLISHERS * EACH);
    let stored = bus.read_partition(place.partition(), 1).await.unwrap();
    let stored: BTreeMap<_, _> = soon(
        stored
            .take(PUBLISHERS * EACH)
            .map(|m| m.unwrap())
            .map(|m| (m.seq, text(&m.payload)))
            .collect(),
    )
    .await;
    assert_eq!(stored, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_ids_at_once_one_is_stored_and_all_others_learn_where() {
    for batching in [Batching::Measured, Batching::Always, Batching::Never] {
        equal_ids(batching).await;
    }
}

async fn equal_ids(batching: Batching) {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let publisher = bus.publisher(with(batching));
    let place = Department::new();
    let results = join_all((0..50).map(|n| {
        // From several replicas of the API at once, too.
        let publisher = if n % 2 == 0 {
            publisher.clone()
        } else {
            bus.publisher(with(batching))
        };
        tokio::spawn(async move { publisher.publish(place.message("same")).await.unwrap() })
    }))
    .await;
    let results: Vec<_> = results.into_iter().map(|result| result.unwrap()).collect();
    assert_eq!(results.iter().filter(|stored| !stored.duplicate).count(), 1);
    assert!(results.iter().all(|stored| stored.seq == 1));
    assert_eq!(
        bus.stream_state(subjects::COMMANDS_STREAM)
            .await
            .unwrap()
            .messages,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_id_in_a_batch_does_not_stop_the_others() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let place = Department::new();
    let known = bus.publish_single(place.message("id-33")).await.unwrap();
    let publisher = bus.publisher(with(Batching::Always));
    let ids: Vec<_> = (0..100).map(|n| format!("id-{n}")).collect();
    let results = join_all(ids.iter().map(|id| publisher.publish(place.message(id)))).await;
    let mut seqs = BTreeSet::new();
    for (id, result) in ids.iter().zip(results) {
        let stored = result.unwrap();
        assert_eq!(stored.duplicate, id == "id-33", "{id}");
        assert!(seqs.insert(stored.seq));
        let found = bus
            .get(subjects::COMMANDS_STREAM, stored.seq)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(text(&found.payload), *id);
    }
    assert!(seqs.contains(&known.seq));
    assert_eq!(
        bus.stream_state(subjects::COMMANDS_STREAM)
            .await
            .unwrap()
            .messages,
        100
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_refuses_and_keeps_what_it_accepted() {
    for batching in [Batching::Always, Batching::Never] {
        full_stream(batching).await;
    }
}

async fn full_stream(batching: Batching) {
    let broker = Broker::start().await;
    let mut config = broker.config();
    config.commands_max_bytes = 300_000;
    let bus = broker.bus_with(&config).await;
    let publisher = bus.publisher(with(batching));
    let place = Department::new();
    let results = join_all((0..1000).map(|n| {
        let publisher = publisher.clone();
        tokio::spawn(async move {
            let mut message = place.message(&n.to_string());
            message.payload = Bytes::from(vec![b'x'; 1000]);
            publisher.publish(message).await
        })
    }))
    .await;
    let mut accepted = 0;
    for result in results {
        match result.unwrap() {
            Ok(stored) => {
                assert!(!stored.duplicate);
                accepted += 1;
            }
            Err(error) => assert_eq!(error, PublishError::QueueFull),
        }
    }
    let state = bus.stream_state(subjects::COMMANDS_STREAM).await.unwrap();
    assert_eq!((state.messages, state.first_seq), (accepted, 1));
    assert!((10..1000).contains(&accepted), "{accepted}");
    let again = bus.publish_single(OutgoingMessage {
        payload: Bytes::from(vec![b'x'; 50_000]),
        ..place.message("more")
    });
    assert_eq!(again.await, Err(PublishError::QueueFull));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_refused_and_harms_nobody() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let publisher = bus.publisher(PublisherConfig::default());
    let place = Department::new();
    let sized = |id: &str, bytes: usize| OutgoingMessage {
        payload: Bytes::from(vec![b'x'; bytes]),
        ..place.message(id)
    };
    let large = sized("large", COMMAND_MESSAGE_BYTES_MAX + 1);
    let (large, fits) = tokio::join!(
        publisher.publish(large.clone()),
        publisher.publish(sized("fits", COMMAND_MESSAGE_BYTES_MAX - 200))
    );
    assert_eq!(large, Err(PublishError::TooLarge));
    fits.unwrap();
    let large = bus
        .publish_single(sized("large", COMMAND_MESSAGE_BYTES_MAX + 1))
        .await;
    assert_eq!(large, Err(PublishError::TooLarge));
}

/// The n-th event, of one of fifty visits.
fn event(n: usize) -> OutgoingMessage {
    let visit = VisitId(Uuid::from_u128((n % 50) as u128));
    OutgoingMessage {
        subject: subjects::event(
            FacilityId(Uuid::nil()),
            None,
            Some(visit),
            EventType::ALL[0],
        ),
        message_id: n.to_string(),
        headers: Vec::new(),
        payload: Bytes::from(n.to_string()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_visit_keep_their_order_also_when_some_were_stored_before() {
    for jetstream in [SYNC_ALWAYS, NO_SYNC] {
        let broker = Broker::start_with(jetstream).await;
        let bus = broker.bus().await;
        let events: Vec<_> = (0..2500).map(event).collect();
        bus.publish_events(&[]).await.unwrap();
        bus.publish_events(&events[..1]).await.unwrap();
        // A relay that died after publishing and before deleting sends the same again, and more.
        bus.publish_events(&events[..40]).await.unwrap();
        bus.publish_events(&events).await.unwrap();
        bus.publish_events(&events[2400..]).await.unwrap();
        let state = bus.stream_state(subjects::EVENTS_STREAM).await.unwrap();
        assert_eq!(state.last_seq, 2500);
        let mut reader = bus.read_events(1).await.unwrap();
        let mut last = [None; 50];
        for _ in 0..2500 {
            let message = soon(reader.next()).await.unwrap().unwrap();
            let n: usize = text(&message.payload).parse().unwrap();
            assert!(last[n % 50] < Some(n), "{n} came late or twice");
            last[n % 50] = Some(n);
        }
    }
}
