//! One message by itself, tried until it is stored or the time is over.

use super::ack::{Refusal, request};
use super::link::Link;
use super::{OutgoingMessage, PublishError, PublisherConfig, Stored};
use crate::retry::{Backoff, RetryPolicy};
use std::time::Duration;
use tokio::time::Instant;

/// Between two tries.
pub(super) fn between_tries() -> RetryPolicy {
    RetryPolicy::between(Duration::from_millis(50), Duration::from_millis(250))
}

/// Once any try may have stored it, only an answer of the broker can say that it is not there: a
/// later refusal cannot.
pub(super) fn final_error(refusal: Refusal, unknown_before: bool) -> PublishError {
    match refusal {
        _ if unknown_before => PublishError::OutcomeUnknown,
        Refusal::Unknown => PublishError::OutcomeUnknown,
        Refusal::NotStored | Refusal::KnownId => PublishError::NotAccepted,
        Refusal::Full => PublishError::QueueFull,
        Refusal::TooLarge => PublishError::TooLarge,
    }
}

pub(super) async fn publish(
    link: &Link,
    message: &OutgoingMessage,
    config: &PublisherConfig,
) -> Result<Stored, PublishError> {
    let end = Instant::now() + config.deadline;
    let mut backoff = Backoff::new(between_tries());
    let mut unknown = false;
    loop {
        let refusal = if link.is_connected() {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = config.try_timeout.min(left);
            match request(link, message, message.header_map(), timeout).await {
                Ok(ack) => {
                    return Ok(Stored {
                        seq: ack.seq,
                        duplicate: ack.duplicate,
                    });
                }
                Err(refusal) => refusal,
            }
        } else {
            Refusal::NotStored
        };
        let is_final = matches!(refusal, Refusal::Full | Refusal::TooLarge);
        let delay = backoff.next_delay().unwrap_or_default();
        if is_final || Instant::now() + delay >= end {
            return Err(final_error(refusal, unknown));
        }
        unknown |= refusal == Refusal::Unknown;
        tokio::time::sleep(delay).await;
    }
}
