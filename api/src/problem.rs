//! Every error that a client sees: RFC 9457 problem details, in one shape for all of MediQue.
//!
//! A [`Problem`] carries a [`Code`] of the [`catalogue`], one sentence, and what else helps the
//! client. Nothing else may reach a client: the edge turns every other error, the framework's own
//! included, into a problem (see [`foreign`]), so that internal text stays in the log.

pub mod catalogue;
pub mod foreign;
pub mod page;

pub use catalogue::{ApiCode, Code};

use medique_contracts::ids::CommandId;
use medique_contracts::{Rejection, RejectionCode};
use poem::error::ResponseError;
use poem::http::header::{self, HeaderName};
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use std::borrow::Cow;

/// Media type of every error body.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What is wrong with one field of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
pub struct FieldProblem {
    /// JSON Pointer (RFC 6901) into the request body.
    pub pointer: String,
    /// One sentence.
    pub detail: String,
}

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
pub struct ProblemBody {
    /// Address of the page that explains the code: `/problems/<code>`.
    pub r#type: String,
    /// The code in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time, without personal data.
    pub detail: String,
    /// Stable code for programs.
    pub code: String,
    /// W3C trace id of the request; quote it when asking for help.
    pub trace_id: String,
    /// Which fields are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldProblem>>,
    /// Current version of the visit, with `version_conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
    /// The command that was refused, when it had been accepted for processing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_id: Option<uuid::Uuid>,
}

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
    current_version: Option<i64>,
    command_id: Option<CommandId>,
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

/// Statuses that any operation may answer with.
const DOCUMENTED: &[(u16, &str)] = &[
    (
        400,
        "Malformed: the body, a parameter, a header or a field.",
    ),
    (401, "No credential, or one that is not valid any more."),
    (403, "Not allowed for this role or in this department."),
    (404, "Unknown, or not visible to the caller."),
    (409, "Conflict: `version_conflict` or one of `already_*`."),
    (413, "The body is larger than 64 KiB."),
    (415, "The body is not JSON."),
    (
        422,
        "A rule refuses it, or the idempotency key was used for another request.",
    ),
    (429, "Too many attempts; see `Retry-After`."),
    (500, "A fault of ours; quote the trace id."),
    (
        503,
        "Not now: `code` says whether the request may have taken effect; see `Retry-After`.",
    ),
];

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let responses = DOCUMENTED
            .iter()
            .map(|&(status, description)| MetaResponse {
                description,
                status: Some(status),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: CONTENT_TYPE,
                    schema: ProblemBody::schema_ref(),
                }],
                headers: Vec::new(),
            })
            .collect();
        MetaResponses { responses }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}
