//! What a command request says beside its body: its key, and whether it waits.

use super::idempotency;
use crate::app::Shared;
use crate::edge::telling::Subject;
use crate::problem::{ApiCode, Problem};
use medique_platform::trace_context::TraceContext;
use poem::http::{HeaderMap, HeaderValue};
use poem::{FromRequest, Request, RequestBody};

/// Longest wait that is granted, seconds.
pub const WAIT_S_MAX: u32 = 30;

/// The conditions of a command request.
pub struct Conditions {
    /// The application.
    pub app: Shared,
    /// The request's place in its trace.
    pub trace: TraceContext,
    /// What is told of the request.
    pub subject: Subject,
    /// `Idempotency-Key`, not yet judged: who calls is judged first.
    pub key: Option<HeaderValue>,
    /// `Prefer: wait=N`, seconds.
    pub wait_s: Option<u32>,
}

impl<'a> FromRequest<'a> for Conditions {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let internal = || Problem::new(ApiCode::InternalError);
        Ok(Self {
            app: request.data::<Shared>().ok_or_else(internal)?.clone(),
            trace: *request.data::<TraceContext>().ok_or_else(internal)?,
            subject: request.data::<Subject>().cloned().unwrap_or_default(),
            key: request.headers().get(idempotency::HEADER).cloned(),
            wait_s: wait(request.headers()),
        })
    }
}

/// Reads `Prefer: wait=N`. A preference that cannot be read is none, as RFC 7240 asks.
fn wait(headers: &HeaderMap) -> Option<u32> {
    let preferences = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut seconds = preferences
        .flat_map(|value| value.split(','))
        .filter_map(|preference| preference.trim().split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))
        .filter_map(|(_, value)| value.trim().trim_matches('"').parse::<u32>().ok());
    seconds
        .next()
        .filter(|seconds| *seconds > 0)
        .map(|seconds| seconds.min(WAIT_S_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values
            .iter()
            .map(|value| {
                (
                    poem::http::HeaderName::from_static("prefer"),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn wait_is_read_where_it_can_be_and_capped() {
        for (values, expected) in [
            (&["wait=5"][..], Some(5)),
            (&["Wait = 5"], Some(5)),
            (&["respond-async, wait=10"], Some(10)),
            (&["respond-async", "wait=\"3\""], Some(3)),
            (&["wait=600"], Some(WAIT_S_MAX)),
            (&["wait=0"], None),
            (&["wait=-1"], None),
            (&["wait"], None),
            (&["wait=soon"], None),
            (&[], None),
        ] {
            assert_eq!(wait(&headers(values)), expected, "{values:?}");
        }
    }
}
