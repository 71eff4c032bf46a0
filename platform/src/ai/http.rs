//! One attempt: send, judge status and type, read no more than an answer may have.

use super::provider::{Question, Unusable};
use super::retry_after;
use crate::clock;
use bytes::{Bytes, BytesMut};
use medique_contracts::triage_service::ANSWER_BYTES_MAX;
use medique_contracts::vocabulary::AdviceFailure;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use std::time::Duration;

/// Why an attempt gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: AdviceFailure,
    /// Whether the same question may be answered a little later.
    pub(super) again: bool,
    /// How long the service asked to be left alone.
    pub(super) retry_after: Option<Duration>,
}

impl Fault {
    pub(super) const fn passing(kind: AdviceFailure) -> Self {
        Self {
            kind,
            again: true,
            retry_after: None,
        }
    }

    pub(super) const fn lasting(kind: AdviceFailure) -> Self {
        Self {
            kind,
            again: false,
            retry_after: None,
        }
    }
}

impl From<Unusable> for Fault {
    fn from(unusable: Unusable) -> Self {
        Self::lasting(match unusable {
            Unusable::Shape => AdviceFailure::InvalidAnswer,
            Unusable::Declined => AdviceFailure::Refused,
        })
    }
}

/// Sends the question once and gives the body of a good response.
pub(super) async fn ask(http: &Client, question: &Question) -> Result<Bytes, Fault> {
    let request = http
        .post(question.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .body(question.body.clone());
    // refused, reset, unreachable, not to be found, no handshake: all may pass
    let unreachable = |_| Fault::passing(AdviceFailure::Connect);
    let response = request.send().await.map_err(unreachable)?;
    judge(&response)?;
    body(response).await
}

fn judge(response: &Response) -> Result<(), Fault> {
    let status = response.status();
    if status == StatusCode::OK {
        let header = response.headers().get(CONTENT_TYPE);
        let kind = header.and_then(|value| value.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next());
        let is_json =
            essence.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        return if is_json {
            Ok(())
        } else {
            Err(Fault::lasting(AdviceFailure::InvalidAnswer))
        };
    }
    let again = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
    let header = response.headers().get(RETRY_AFTER);
    let asked = header.and_then(|value| value.to_str().ok());
    Err(Fault {
        kind: if status == StatusCode::TOO_MANY_REQUESTS {
            AdviceFailure::RateLimited
        } else {
            AdviceFailure::HttpStatus
        },
        again,
        retry_after: asked.and_then(|value| retry_after::parse(value, clock::now())),
    })
}

async fn body(mut response: Response) -> Result<Bytes, Fault> {
    const OVERSIZED: Fault = Fault::lasting(AdviceFailure::Oversized);
    let most = ANSWER_BYTES_MAX as u64;
    if response
        .content_length()
        .is_some_and(|length| length > most)
    {
        return Err(OVERSIZED);
    }
    let mut body = BytesMut::new();
    // a connection that breaks in the middle of an answer is no answer
    let broken = |_| Fault::passing(AdviceFailure::Connect);
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(OVERSIZED);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
