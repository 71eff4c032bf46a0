//! How a caller stands after a request, as the headers of draft-ietf-httpapi-ratelimit-headers say
//! it.

use crate::problem::{ApiCode, Problem};
use bytes::BytesMut;
use medique_platform::telemetry::metrics::catalogue::RATE_LIMITED;
use poem::http::header::HeaderName;
use poem::http::{HeaderMap, HeaderValue};
use std::fmt::Write as _;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How a caller stands.
#[derive(Debug, Clone)]
pub struct Standing {
    pub(super) name: &'static str,
    pub(super) policy: HeaderValue,
    /// What is left in the bucket.
    pub(super) remaining: u32,
    /// Seconds until it is full again; after a refusal, until it holds enough.
    pub(super) reset_s: u32,
    /// Seconds to wait, when the request is refused.
    pub(super) wait_s: Option<u32>,
}

impl Standing {
    /// Goes on with a request that was paid for.
    ///
    /// # Errors
    /// `too_many_requests` (429), with everything that tells the client when to come back.
    pub fn admit(self) -> Result<Self, Problem> {
        let Some(wait_s) = self.wait_s else {
            return Ok(self);
        };
        RATE_LIMITED.add(1, [self.name.into()]);
        let [policy, standing] = self.headers();
        let problem = Problem::new(ApiCode::TooManyRequests)
            .detail("the budget for requests is used up")
            .retry_after(wait_s);
        Err([policy, standing]
            .into_iter()
            .fold(problem, |problem, (name, value)| {
                problem.header(name, value)
            }))
    }

    /// Tells a client that was served how it stands. A problem that already says so is left alone.
    pub fn mark(self, headers: &mut HeaderMap) {
        for (name, value) in self.headers() {
            headers.entry(name).or_insert(value);
        }
    }

    fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        let mut text = BytesMut::with_capacity(48);
        // Writing to memory does not fail.
        let _ = write!(
            text,
            "\"{}\";r={};t={}",
            self.name, self.remaining, self.reset_s
        );
        let standing =
            HeaderValue::from_maybe_shared(text.freeze()).unwrap_or(HeaderValue::from_static(""));
        [(RATE_LIMIT_POLICY, self.policy), (RATE_LIMIT, standing)]
    }
}
