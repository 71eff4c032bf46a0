//! The broker's answer to a publication.

use super::OutgoingMessage;
use super::link::Link;
use async_nats::{HeaderMap, Request, RequestErrorKind};
use serde::Deserialize;
use std::time::Duration;

/// JetStream's error codes that we tell apart (nats-server `errors.json`).
mod code {
    pub(super) const ACCOUNT_RESOURCES_EXCEEDED: u64 = 10002;
    pub(super) const INSUFFICIENT_RESOURCES: u64 = 10023;
    pub(super) const STORAGE_RESOURCES_EXCEEDED: u64 = 10047;
    pub(super) const MESSAGE_TOO_LARGE: u64 = 10054;
    /// Any failure of the store; `maximum … exceeded` when it is full.
    pub(super) const STORE_FAILED: u64 = 10077;
    /// Another publication with this id is on its way through the cluster.
    pub(super) const ID_IN_PROCESS: u64 = 10158;
    /// The batch has an id that is known.
    pub(super) const BATCH_HAS_KNOWN_ID: u64 = 10201;
}

/// Where the message is; for a batch, the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct PubAck {
    pub(super) seq: u64,
    #[serde(default)]
    pub(super) duplicate: bool,
    /// Messages in the batch.
    #[serde(default)]
    pub(super) count: u64,
}

/// Why one try did not store it, or may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// This try certainly stored nothing; another one may.
    NotStored,
    /// This try certainly stored nothing: no room.
    Full,
    /// This try certainly stored nothing: a message is larger than the stream takes.
    TooLarge,
    /// This try certainly stored nothing: the batch has a message with a known id.
    KnownId,
    /// Nobody can say.
    Unknown,
}

#[derive(Deserialize)]
struct Answer {
    error: Option<ApiError>,
    #[serde(flatten)]
    ack: Option<PubAck>,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// Publishes one message, and waits for the answer at most `timeout`.
pub(super) async fn request(
    link: &Link,
    message: &OutgoingMessage,
    headers: HeaderMap,
    timeout: Duration,
) -> Result<PubAck, Refusal> {
    let request = Request::new()
        .headers(headers)
        .payload(message.payload.clone())
        // Ours covers the way into the client as well.
        .timeout(None);
    let mut losses = link.events.losses();
    let answer = tokio::select! {
        answer = link.client.send_request(message.subject.clone(), request) => answer,
        // The answer cannot come any more, so there is no need to wait for it.
        _ = losses.changed() => return Err(Refusal::Unknown),
        () = tokio::time::sleep(timeout) => return Err(Refusal::Unknown),
    };
    match answer {
        Ok(answer) => parse(&answer.payload),
        Err(error) => Err(match error.kind() {
            RequestErrorKind::NoResponders | RequestErrorKind::InvalidSubject => Refusal::NotStored,
            RequestErrorKind::MaxPayloadExceeded => Refusal::TooLarge,
            RequestErrorKind::TimedOut | RequestErrorKind::Other => Refusal::Unknown,
        }),
    }
}

fn parse(payload: &[u8]) -> Result<PubAck, Refusal> {
    match serde_json::from_slice(payload) {
        Ok(Answer {
            error: Some(error), ..
        }) => {
            let refusal = sort(&error);
            let ApiError {
                err_code,
                description,
            } = error;
            tracing::debug!(err_code, description, ?refusal, "publication refused");
            Err(refusal)
        }
        Ok(Answer { ack: Some(ack), .. }) => Ok(ack),
        Ok(Answer { ack: None, .. }) | Err(_) => Err(Refusal::Unknown),
    }
}

fn sort(error: &ApiError) -> Refusal {
    match error.err_code {
        code::ACCOUNT_RESOURCES_EXCEEDED
        | code::INSUFFICIENT_RESOURCES
        | code::STORAGE_RESOURCES_EXCEEDED => Refusal::Full,
        code::MESSAGE_TOO_LARGE => Refusal::TooLarge,
        code::STORE_FAILED if error.description.contains("maximum") => Refusal::Full,
        // The disk failed in the middle, or another try decides.
        code::STORE_FAILED | code::ID_IN_PROCESS => Refusal::Unknown,
        code::BATCH_HAS_KNOWN_ID => Refusal::KnownId,
        _ => Refusal::NotStored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let ack = |seq, duplicate, count| {
            Ok(PubAck {
                seq,
                duplicate,
                count,
            })
        };
        assert_eq!(parse(br#"{"stream":"COMMANDS","seq":7}"#), ack(7, false, 0));
        assert_eq!(
            parse(br#"{"stream":"COMMANDS","seq":7,"duplicate":true}"#),
            ack(7, true, 0)
        );
        assert_eq!(
            parse(br#"{"stream":"C","seq":9,"batch":"b","count":3}"#),
            ack(9, false, 3)
        );
        assert_eq!(parse(b"{}"), Err(Refusal::Unknown));
        assert_eq!(parse(b"not json"), Err(Refusal::Unknown));
    }

    #[test]
    fn refusals_are_sorted() {
        for (body, refusal) in [
            (
                r#"{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},"stream":"C","seq":0}"#,
                Refusal::Full,
            ),
            (
                r#"{"error":{"code":503,"err_code":10077,"description":"no space left on device"}}"#,
                Refusal::Unknown,
            ),
            (
                r#"{"error":{"code":503,"err_code":10023,"description":"insufficient resources"}}"#,
                Refusal::Full,
            ),
            (
                r#"{"error":{"code":400,"err_code":10201,"description":"duplicate"}}"#,
                Refusal::KnownId,
            ),
            (
                r#"{"error":{"code":503,"err_code":10008,"description":"unavailable"}}"#,
                Refusal::NotStored,
            ),
            (
                r#"{"error":{"code":400,"err_code":10054,"description":"too large"}}"#,
                Refusal::TooLarge,
            ),
        ] {
            assert_eq!(parse(body.as_bytes()), Err(refusal), "{body}");
        }
    }
}
