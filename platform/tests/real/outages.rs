//! The broker dies, freezes, is away.

use crate::support::{Broker, Department, eventually, soon, text};
use futures::StreamExt as _;
use futures::future::join_all;
use medique_contracts::subjects;
use medique_platform::bus::{
    Batching, Bus, OutgoingMessage, PublishError, Publisher, PublisherConfig, Stored,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn impatient() -> PublisherConfig {
    PublisherConfig {
        try_timeout: Duration::from_millis(200),
        deadline: Duration::from_millis(700),
        ..PublisherConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_nothing_accepted_and_repeats_nothing_of_singles() {
    killed_broker(Batching::Never).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_nothing_accepted_and_repeats_nothing_of_batches() {
    killed_broker(Batching::Always).await;
}

type Results = Vec<(String, Result<Stored, PublishError>)>;

/// What 32 callers are told, one message after another.
#[derive(Clone, Default)]
struct Callers {
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    /// Of the refused, who know that nothing was stored.
    certain: Arc<AtomicUsize>,
}

impl Callers {
    async fn call(self, bus: Bus, publisher: Publisher, place: Department, n: usize) -> Results {
        let mut results = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let id = format!("{n}-{}", results.len());
            let result = publisher.publish(place.message(&id)).await;
            if result.is_ok() {
                self.accepted.fetch_add(1, Ordering::SeqCst);
            } else {
                self.refused.fetch_add(1, Ordering::SeqCst);
            }
            if result == Err(PublishError::NotAccepted) {
                self.certain.fetch_add(1, Ordering::SeqCst);
                let come_again = || bus.is_connected() || self.stop.load(Ordering::SeqCst);
                eventually(|| async { come_again().then_some(()) }).await;
            }
            results.push((id, result));
        }
        results
    }

    async fn more(&self, counter: &AtomicUsize, more: usize) {
        let goal = counter.load(Ordering::SeqCst) + more;
        eventually(|| async { (counter.load(Ordering::SeqCst) >= goal).then_some(()) }).await;
    }
}

async fn killed_broker(batching: Batching) {
    let mut broker = Broker::start().await;
    let bus = broker.bus().await;
    let place = Department::new();
    let patient = PublisherConfig {
        batching,
        ..PublisherConfig::default()
    };
    // Gives up before the broker is back.
    let hasty = PublisherConfig {
        deadline: Duration::from_millis(100),
        ..patient.clone()
    };
    let publishers = [bus.publisher(patient), bus.publisher(hasty)];
    let mut reader = bus.read_partition(place.partition(), 1).await.unwrap();
    let callers = Callers::default();
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let publisher = publishers[n % 2].clone();
            tokio::spawn(callers.clone().call(bus.clone(), publisher, place, n))
        })
        .collect();
    for _ in 0..4 {
        callers.more(&callers.accepted, 500).await;
        broker.kill();
        // Everybody who is hasty, and at least one for certain.
        let refused = callers.more(&callers.refused, 16);
        tokio::join!(refused, callers.more(&callers.certain, 1));
        broker.restart().await;
    }
    callers.more(&callers.accepted, 500).await;
    callers.stop.store(true, Ordering::SeqCst);
    let results = soon(join_all(tasks)).await;
    let results = results.into_iter().flat_map(|results| results.unwrap());

    let state = bus.stream_state(subjects::COMMANDS_STREAM).await.unwrap();
    let mut stored = BTreeMap::new();
    for seq in 1..=state.last_seq {
        let message = soon(reader.next()).await.unwrap().unwrap();
        assert_eq!(message.seq, seq, "left out or repeated by the reader");
        let before = stored.insert(text(&message.payload), seq);
        assert_eq!(before, None, "stored twice");
    }
    let [mut accepted, mut refused, mut unknown] = [0; 3];
    for (id, result) in results {
        match result {
            Ok(Stored { seq, .. }) => {
                accepted += 1;
                assert_eq!(stored.get(&id), Some(&seq), "{id} was accepted");
            }
            Err(PublishError::NotAccepted) => {
                refused += 1;
                assert_eq!(stored.get(&id), None, "{id} was refused");
            }
            Err(PublishError::OutcomeUnknown) => unknown += 1,
            Err(other) => panic!("{id}: {other}"),
        }
    }
    let counts = [accepted, refused, unknown];
    assert!(accepted >= 2500 && refused > 0 && unknown > 0, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_visit_keep_their_order_while_the_broker_is_killed() {
    const VISITS: usize = 20;
    let mut broker = Broker::start().await;
    let bus = broker.bus().await;
    let events: Vec<_> = (0..8000)
        .map(|n| OutgoingMessage {
            subject: format!("evt.v1.f.d.visit-{}.changed", n % VISITS),
            ..Department::new().message(&n.to_string())
        })
        .collect();
    let relay = tokio::spawn({
        let bus = bus.clone();
        async move {
            for batch in events.chunks(50) {
                // As the relay does: the same again until all are stored.
                eventually(|| async { bus.publish_events(batch).await.ok() }).await;
            }
        }
    });
    let mut reader = bus.read_events(1).await.unwrap();
    let mut last = [None; VISITS];
    for count in 0..8000 {
        if count % 2000 == 1000 {
            broker.kill();
            broker.restart().await;
        }
        let message = soon(reader.next()).await.unwrap().unwrap();
        let n: usize = text(&message.payload).parse().unwrap();
        assert!(last[n % VISITS] < Some(n), "{n} came late or twice");
        last[n % VISITS] = Some(n);
    }
    soon(relay).await.unwrap();
}

#[tokio::test]
async fn a_broker_that_is_away_refuses_at_once() {
    let mut broker = Broker::start().await;
    let bus = broker.bus().await;
    let publisher = bus.publisher(PublisherConfig::default());
    broker.kill();
    eventually(|| async { (!bus.is_connected()).then_some(()) }).await;
    let begun = Instant::now();
    let result = publisher.publish(Department::new().message("one")).await;
    assert_eq!(result, Err(PublishError::NotAccepted));
    assert!(begun.elapsed() < Duration::from_millis(100));
    bus.tell("anything", bytes::Bytes::new()).await;
    broker.restart().await;
    eventually(|| async { bus.is_connected().then_some(()) }).await;
    let state =
        eventually(|| async { bus.stream_state(subjects::COMMANDS_STREAM).await.ok() }).await;
    assert_eq!(state.messages, 0, "nothing surfaced later");
    publisher
        .publish(Department::new().message("one"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_frozen_broker_leaves_the_outcome_unknown_and_a_repetition_is_safe() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let publisher = bus.publisher(impatient());
    let place = Department::new();
    broker.freeze().await;
    let ids: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    let frozen = join_all(ids.iter().map(|id| publisher.publish(place.message(id)))).await;
    broker.thaw();
    for result in frozen {
        assert_eq!(result, Err(PublishError::OutcomeUnknown));
    }
    for id in &ids {
        let result = eventually(|| async { publisher.publish(place.message(id)).await.ok() }).await;
        let found = bus
            .get(subjects::COMMANDS_STREAM, result.seq)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(text(&found.payload), *id);
    }
    assert_eq!(
        bus.stream_state(subjects::COMMANDS_STREAM)
            .await
            .unwrap()
            .messages,
        20
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_freezes_for_a_moment_goes_unnoticed() {
    let broker = Broker::start().await;
    let bus = broker.bus().await;
    let config = PublisherConfig {
        deadline: Duration::from_secs(20),
        ..impatient()
    };
    let publisher = bus.publisher(config);
    let hasty = bus.publisher(PublisherConfig {
        deadline: impatient().try_timeout,
        ..impatient()
    });
    let place = Department::new();
    broker.freeze().await;
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let publisher = publisher.clone();
            tokio::spawn(async move { publisher.publish(place.message(&n.to_string())).await })
        })
        .collect();
    // Longer than a try, as one that begins later and has given up tells: they are all tried
    // again, under batches of new names.
    for late in ["late", "later"] {
        let given_up = soon(hasty.publish(place.message(late))).await;
        assert_eq!(given_up, Err(PublishError::OutcomeUnknown));
    }
    broker.thaw();
    for task in tasks {
        soon(task).await.unwrap().unwrap();
    }
    for late in ["late", "later"] {
        publisher.publish(place.message(late)).await.unwrap();
    }
    assert_eq!(
        bus.stream_state(subjects::COMMANDS_STREAM)
            .await
            .unwrap()
            .messages,
        52
    );
}

#[tokio::test]
async fn a_broker_without_streams_certainly_stored_nothing() {
    let broker = Broker::start_with("").await;
    let bus = broker.connect(&broker.config()).await;
    let publisher = bus.publisher(impatient());
    let result = publisher.publish(Department::new().message("one")).await;
    assert_eq!(result, Err(PublishError::NotAccepted));
    assert!(bus.ensure_streams().await.unwrap_err().is_transient());
}
