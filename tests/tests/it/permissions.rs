//! What the broker lets each process do: `deploy/nats/permissions.conf`. That it allows what is needed is checked at
//! the end of every other test ([`medique_tests::Hospital::check`]).

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use medique_contracts::subjects;
use medique_platform::bus::{Bus, OutgoingMessage};
use medique_tests::{Hospital, await_until};
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(10);

async fn connected(hospital: &Hospital, user: &str) -> Result<Bus> {
    let bus = hospital.nats.bus_of(user).await?;
    await_until::holds("the connection is up", SOON, || async {
        Ok(bus.is_connected())
    })
    .await?;
    Ok(bus)
}

fn event() -> OutgoingMessage {
    OutgoingMessage {
        subject: format!("evt.v1.{}._._.forged", Uuid::new_v4()),
        message_id: Uuid::new_v4().to_string(),
        headers: Vec::new(),
        payload: "{}".into(),
    }
}

/// Whoever takes the api over reads no commands, forges no events and forgets nothing.
#[tokio::test]
async fn the_api_can_do_nothing_but_its_work() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    hospital
        .check_in(&hospital.admin, department, "somebody")
        .await?;
    hospital.check().await?;
    let before = connected(&hospital, "medique").await?;
    let events = before.stream_state(subjects::EVENTS_STREAM).await?;
    let commands = before.stream_state(subjects::COMMANDS_STREAM).await?;

    let api = connected(&hospital, "medique-api").await?;
    ensure!(
        api.read_partition(0, 1).await.is_err(),
        "the api reads commands"
    );
    ensure!(
        api.publish_events(&[event()]).await.is_err(),
        "the api publishes events"
    );
    ensure!(
        api.purge_commands_before(u64::MAX).await.is_err(),
        "the api removes commands"
    );
    let refused = hospital.nats.refusals()?.join("\n");
    for subject in [
        "$JS.API.CONSUMER.CREATE.COMMANDS",
        "evt.v1.",
        "$JS.API.STREAM.PURGE.COMMANDS",
    ] {
        ensure!(
            refused.contains(subject),
            "{subject} is not refused: {refused}"
        );
    }
    let after = connected(&hospital, "medique-worker").await?;
    ensure!(after.stream_state(subjects::EVENTS_STREAM).await?.last_seq == events.last_seq);
    ensure!(
        after
            .stream_state(subjects::COMMANDS_STREAM)
            .await?
            .messages
            == commands.messages
    );
    hospital.done();
    Ok(())
}

/// Answers to one process are not heard by another.
#[tokio::test]
async fn nobody_hears_the_answers_to_another() -> Result<()> {
    let hospital = Hospital::start().await?;
    let api = connected(&hospital, "medique-api").await?;
    let mut overheard = api.listen("_INBOX.medique-worker.>").await?;
    let department = hospital.department().id;
    hospital
        .check_in(&hospital.admin, department, "somebody")
        .await?;
    await_until::holds("the broker refused it", SOON, || async {
        let refused = hospital.nats.refusals()?;
        Ok(refused
            .iter()
            .any(|line| line.contains("_INBOX.medique-worker")))
    })
    .await
    .context("the api may listen to the workers' inboxes")?;
    let heard = tokio::time::timeout(Duration::ZERO, overheard.next()).await;
    ensure!(!matches!(heard, Ok(Some(_))), "the api hears: {heard:?}");
    hospital.done();
    Ok(())
}
