//! Every error that a client sees: RFC 9457 problem details, in one shape for all of MediQue.
//!
//! A [`Problem`] carries a [`Code`] of the [`catalogue`], one sentence, and what else helps the
//! client. Nothing else may reach a client: the edge turns every other error, the framework's own
//! included, into a problem (see [`foreign`]), so that internal text stays in the log.

mod body;
pub mod catalogue;
pub mod foreign;
pub mod page;

pub use body::{FieldProblem, ProblemBody};
pub use catalogue::{ApiCode, Code};

use medique_contracts::ids::CommandId;
use medique_contracts::{Rejection, RejectionCode};
use poem::error::ResponseError;
use poem::http::header::{self, HeaderName};
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use std::borrow::Cow;

/// Media type of every error body.
pub const CONTENT_TYPE: &str = "application/problem+json";

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
    current_version: Option<i64>,
    command_id: Option<CommandId>,
    challenge: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// An error answer in the making.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", .0.code.as_str(), .0.detail)]
pub struct Problem(Box<Inner>);

impl Problem {
    /// A problem with the sentence that the catalogue has for its code.
    pub fn new(code: impl Into<Code>) -> Self {
        let code = code.into();
        let mut headers = Vec::new();
        if code.status() == StatusCode::UNAUTHORIZED {
            headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        let detail = Cow::Borrowed(code.entry().meaning);
        Self(Box::new(Inner {
            code,
            detail,
            errors: Vec::new(),
            current_version: None,
            command_id: None,
            challenge: None,
            headers,
        }))
    }

    /// Says what happened this time: one sentence without personal data and without internals.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.0.errors.push(FieldProblem {
            pointer: pointer.into(),
            detail: detail.into(),
        });
        self
    }

    /// Tells the client to come back after so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Names the command that was refused.
    #[must_use]
    pub fn command(mut self, id: CommandId) -> Self {
        self.0.command_id = Some(id);
        self
    }

    /// Adds the token with which the client goes on.
    #[must_use]
    pub fn challenge(mut self, token: impl Into<String>) -> Self {
        self.0.challenge = Some(token.into());
        self
    }

    /// The command that was refused, once one was.
    pub fn command_id(&self) -> Option<CommandId> {
        self.0.command_id
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The body, with the trace id of the request.
    pub fn body(&self, trace_id: &str) -> ProblemBody {
        let entry = self.0.code.entry();
        ProblemBody {
            r#type: format!("/problems/{}", entry.code),
            title: entry.title.to_owned(),
            status: entry.status,
            detail: self.0.detail.clone().into_owned(),
            code: entry.code.to_owned(),
            trace_id: trace_id.to_owned(),
            errors: (!self.0.errors.is_empty()).then(|| self.0.errors.clone()),
            current_version: self.0.current_version,
            command_id: self.0.command_id.map(|id| id.0),
            challenge_token: self.0.challenge.clone(),
        }
    }

    /// The whole answer.
    pub fn render(&self, trace_id: &str) -> Response {
        let body = serde_json::to_vec(&self.body(trace_id)).unwrap_or_default();
        let mut response = Response::builder()
            .status(self.0.code.status())
            .header(header::CONTENT_TYPE, CONTENT_TYPE)
            .body(body);
        for (name, value) in &self.0.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let mut problem = Self::new(rejection.code).detail(rejection.detail);
        problem.0.current_version = rejection.current_version;
        problem
    }
}

impl From<ApiCode> for Problem {
    fn from(code: ApiCode) -> Self {
        Self::new(code)
    }
}

impl From<RejectionCode> for Problem {
    fn from(code: RejectionCode) -> Self {
        Self::new(code)
    }
}

impl From<sqlx::Error> for Problem {
    /// A failed read. The client learns that the database did not answer and nothing of the text.
    fn from(error: sqlx::Error) -> Self {
        if medique_platform::postgres::is_transient(&error) {
            tracing::warn!(%error, "database unavailable");
            return Self::new(ApiCode::DatabaseUnavailable).retry_after(1);
        }
        tracing::error!(%error, "database statement failed");
        Self::new(ApiCode::InternalError)
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.0.code.status()
    }

    /// Only reached where the edge is not mounted (unit tests): the edge renders with a trace id.
    fn as_response(&self) -> Response {
        self.render("").into_response()
    }
}
