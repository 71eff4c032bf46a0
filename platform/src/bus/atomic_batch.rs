//! Many messages as one: all are stored, next to each other, or none (ADR-50 of NATS). With
//! `sync_interval: always` the whole batch costs one write to disk.

use super::OutgoingMessage;
use super::ack::{PubAck, Refusal, request};
use super::link::Link;
use async_nats::{HeaderMap, PublishErrorKind};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// The broker's own bound.
pub(super) const MESSAGES_MAX: usize = 1000;
const BATCH_ID: &str = "Nats-Batch-Id";
const BATCH_SEQUENCE: &str = "Nats-Batch-Sequence";
const BATCH_COMMIT: &str = "Nats-Batch-Commit";

/// Publishes two messages or more as one batch; gives the first one's sequence. The ids must
/// differ from each other.
///
/// All but the last are sent without waiting: the broker keeps them aside, and the answer to the
/// last, which commits, speaks for all. A batch of which anything went missing is refused whole.
pub(super) async fn publish<'a>(
    link: &Link,
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
                send(link, message, headers).await?;
            }
        }
        last.ok_or(Refusal::NotStored)
    };
    // Without its last message a batch is never stored, so time that runs out here is no doubt.
    let (last, headers) = tokio::time::timeout_at(end, send_all)
        .await
        .unwrap_or(Err(Refusal::NotStored))?;
    let ack = request(
        link,
        last,
        headers,
        end.saturating_duration_since(Instant::now()),
    )
    .await?;
    first_seq(ack, count)
}

async fn send(link: &Link, message: &OutgoingMessage, headers: HeaderMap) -> Result<(), Refusal> {
    link.client
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
