//! The broker dies, freezes, is away.

use crate::support::{Broker, Department, eventually, soon, text};
use futures::StreamExt as _;
use futures::future::join_all;
use medique_contracts::subjects;
use medique_platform::bus::{PublishError, PublisherConfig, Stored};
use rustix::process::Signal;
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
async fn a_killed_broker_loses_nothing_accepted_and_repeats_nothing() {
    let mut broker = Broker::start().await;
    let bus = broker.bus().await;
    let place = Department::new();
    let publisher = bus.publisher(PublisherConfig::default());
    let mut reader = bus.read_partition(place.partition(), 1).await.unwrap();
    let (stop, accepted) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let tasks: Vec<_> = (0..32)
        .map(|task| {
            let (publisher, stop, accepted) =
                (publisher.clone(), Arc::clone(&stop), Arc::clone(&accepted));
            tokio::spawn(async move {
                let mut results = Vec::new();
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let id = format!("{task}-{n}");
                    let result = publisher.publish(place.message(&id)).await;
                    match result {
                        Ok(_) => drop(accepted.fetch_add(1, Ordering::SeqCst)),
                        // As a client would before it comes again.
                        Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                    results.push((id, result));
                }
                results
            })
        })
        .collect();
    for round in 1..=3 {
        let goal = accepted.load(Ordering::SeqCst) + 1000 * round;
        eventually(|| async { (accepted.load(Ordering::SeqCst) > goal).then_some(()) }).await;
        broker.kill();
        broker.restart().await;
    }
    let goal = accepted.load(Ordering::SeqCst) + 1000;
    eventually(|| async { (accepted.load(Ordering::SeqCst) > goal).then_some(()) }).await;
    stop.store(true, Ordering::SeqCst);
    let results: Vec<_> = soon(join_all(tasks))
        .await
        .into_iter()
        .flat_map(|task| task.unwrap())
        .collect();

    let last_seq = bus
        .stream_state(subjects::COMMANDS_STREAM)
        .await
        .unwrap()
        .last_seq;
    let mut stored = BTreeMap::new();
    for seq in 1..=last_seq {
        let message = soon(reader.next()).await.unwrap().unwrap();
        assert_eq!(
            message.seq, seq,
            "the reader left out or repeated something"
        );
        assert_eq!(
            stored.insert(text(&message.payload), seq),
            None,
            "stored twice"
        );
    }
    let mut counts = [0; 3];
    for (id, result) in results {
        match result {
            Ok(Stored { seq, .. }) => {
                counts[0] += 1;
                assert_eq!(stored.get(&id), Some(&seq), "{id} was accepted");
            }
            Err(PublishError::NotAccepted) => {
                counts[1] += 1;
                assert_eq!(stored.get(&id), None, "{id} was refused");
            }
            Err(PublishError::OutcomeUnknown) => counts[2] += 1,
            Err(other) => panic!("{id}: {other}"),
        }
    }
    assert!(counts[0] > 4000, "{counts:?}");
    // Refused, or came through after the restart: both happen.
    println!(
        "accepted {} refused {} unknown {}",
        counts[0], counts[1], counts[2]
    );
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
    broker.signal(Signal::STOP);
    let ids: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    let frozen = join_all(ids.iter().map(|id| publisher.publish(place.message(id)))).await;
    broker.signal(Signal::CONT);
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
    let place = Department::new();
    broker.signal(Signal::STOP);
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let publisher = publisher.clone();
            tokio::spawn(async move { publisher.publish(place.message(&n.to_string())).await })
        })
        .collect();
    // Longer than a try: they are all tried again, under batches of new names.
    tokio::time::sleep(Duration::from_millis(500)).await;
    broker.signal(Signal::CONT);
    for task in tasks {
        soon(task).await.unwrap().unwrap();
    }
    assert_eq!(
        bus.stream_state(subjects::COMMANDS_STREAM)
            .await
            .unwrap()
            .messages,
        50
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
