//! Many messages as one: all are stored, next to each other, or none (ADR-50 of NATS). With
//! `sync_interval: always` the whole batch costs one write to disk.

use super::ack::{PubAck, Refusal, request};
use super::single::{self, between_tries};
use super::watch::is_connected;
use super::{BusError, OutgoingMessage, PublishError, PublisherConfig};
use crate::retry::Backoff;
use async_nats::{Client, HeaderMap, PublishErrorKind};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// The broker's own bound.
const MESSAGES_MAX: usize = 1000;
const BATCH_ID: &str = "Nats-Batch-Id";
const BATCH_SEQUENCE: &str = "Nats-Batch-Sequence";
const BATCH_COMMIT: &str = "Nats-Batch-Commit";

/// Publishes two messages or more as one batch; gives the first one's sequence. The ids must
/// differ from each other.
///
/// All but the last are sent without waiting: the broker keeps them aside, and the answer to the
/// last, which commits, speaks for all. A batch of which anything went missing is refused whole.
pub(super) async fn publish<'a>(
    client: &Client,
    messages: impl ExactSizeIterator<Item = &'a OutgoingMessage>,
    timeout: Duration,
) -> Result<u64, Refusal> {
    let count = messages.len();
    let end = Instant::now() + timeout;
    // Never the same for two tries: what is left of a try that broke must not meet the next one.
    let id = Uuid::new_v4().simple().to_string();
    let send_all = async {
        let mut last = None;
        for (n, message) in messages.enumerate() {
            let mut headers = message.header_map();
            headers.insert(BATCH_ID, id.as_str());
            headers.insert(BATCH_SEQUENCE, (n + 1).to_string());
            if n + 1 == count {
                headers.insert(BATCH_COMMIT, "1");
                last = Some((message, headers));
            } else {
                send(client, message, headers).await?;
            }
        }
        last.ok_or(Refusal::NotStored)
    };
    // Without its last message a batch is never stored, so time that runs out here is no doubt.
    let (last, headers) = tokio::time::timeout_at(end, send_all)
        .await
        .unwrap_or(Err(Refusal::NotStored))?;
    let ack = request(
        client,
        last,
        headers,
        end.saturating_duration_since(Instant::now()),
    )
    .await?;
    first_seq(ack, count)
}

async fn send(
    client: &Client,
    message: &OutgoingMessage,
    headers: HeaderMap,
) -> Result<(), Refusal> {
    client
        .publish_with_headers(message.subject.clone(), headers, message.payload.clone())
        .await
        .map_err(|error| match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => Refusal::TooLarge,
            PublishErrorKind::InvalidSubject | PublishErrorKind::Send => Refusal::NotStored,
        })
}

fn first_seq(ack: PubAck, count: usize) -> Result<u64, Refusal> {
    let count = count as u64;
    if ack.count == count && ack.seq >= count {
        Ok(ack.seq - count + 1)
    } else {
        Err(Refusal::Unknown)
    }
}

/// Publishes everything in the order given.
pub(super) async fn publish_in_order(
    client: &Client,
    all: &[OutgoingMessage],
) -> Result<(), BusError> {
    let config = PublisherConfig::default();
    for batch in all.chunks(MESSAGES_MAX) {
        match batch {
            [message] => in_order_single(client, message, &config).await?,
            _ => in_order_batch(client, batch, &config).await?,
        }
    }
    Ok(())
}

async fn in_order_batch(
    client: &Client,
    batch: &[OutgoingMessage],
    config: &PublisherConfig,
) -> Result<(), BusError> {
    let end = Instant::now() + config.deadline;
    let mut backoff = Backoff::new(between_tries());
    loop {
        let refusal = if is_connected(client) {
            match publish(client, batch.iter(), config.try_timeout).await {
                Ok(_) => return Ok(()),
                Err(refusal) => refusal,
            }
        } else {
            Refusal::NotStored
        };
        // Some were stored before, or one stops the others: one by one, each after the other's
        // answer, so that the order holds.
        if matches!(refusal, Refusal::KnownId | Refusal::TooLarge) {
            for message in batch {
                in_order_single(client, message, config).await?;
            }
            return Ok(());
        }
        let delay = backoff.next_delay().unwrap_or_default();
        if Instant::now() + delay >= end {
            return Err(not_published(single::final_error(refusal, false)));
        }
        tokio::time::sleep(delay).await;
    }
}

async fn in_order_single(
    client: &Client,
    message: &OutgoingMessage,
    config: &PublisherConfig,
) -> Result<(), BusError> {
    single::publish(client, message, config)
        .await
        .map_err(not_published)?;
    Ok(())
}

fn not_published(error: PublishError) -> BusError {
    BusError::Unavailable(error.to_string())
}
