//! What a client gets back for a command.

use crate::accept::state::ResultAnswer;
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use poem::http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use uuid::Uuid;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// A command was accepted: it takes effect exactly once, soon.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct AcceptedAnswer {
    /// The command.
    pub command_id: Uuid,
    /// Always `accepted`.
    pub status: String,
    /// The visit that the command creates or acts on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<Uuid>,
    /// Where to ask for the outcome.
    pub status_url: String,
    /// Check-in by link: the patient's credential for this one visit, valid for 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_token: Option<String>,
}

/// Where a command stands.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CommandAnswer {
    /// The command.
    pub command_id: Uuid,
    /// The operation.
    pub kind: String,
    /// `accepted`, `applied`, `rejected` or `dead_lettered`.
    pub status: String,
    /// When the broker stored it; while it is undecided, when the API learnt that.
    pub accepted_at: DateTime<Utc>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The visit that it created or acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<Uuid>,
    /// What it did, when applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<ResultAnswer>,
    /// Why it had no effect, when rejected or dead-lettered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<crate::problem::ProblemBody>,
    /// Trace of the request that brought it.
    pub trace_id: String,
    /// Check-in by link with `Prefer: wait`: the patient's credential for this one visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_token: Option<String>,
}

/// The answer to a command.
#[derive(Debug)]
pub enum Answer {
    /// 202: accepted, not waited for, or not decided in time.
    Accepted {
        /// The body.
        body: AcceptedAnswer,
        /// Whether the command had been accepted before.
        replayed: bool,
    },
    /// 200 or 201: waited for and applied.
    Applied {
        /// The body.
        body: Box<CommandAnswer>,
        /// Whether the command had been accepted before.
        replayed: bool,
        /// Whether it created the visit.
        created: bool,
        /// Seconds that the client was ready to wait.
        waited_s: u32,
    },
}

/// The answer of an operation.
pub type Answered = Result<Answer, Problem>;

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Accepted { body, replayed } => {
                let location = format!("/api/v1/commands/{}", body.command_id);
                let mut response = json(StatusCode::ACCEPTED, &body);
                set(&mut response, LOCATION, &location);
                mark_replayed(&mut response, replayed);
                response
            }
            Self::Applied {
                body,
                replayed,
                created,
                waited_s,
            } => {
                let status = if created {
                    StatusCode::CREATED
                } else {
                    StatusCode::OK
                };
                let mut response = json(status, &body);
                if let Some(visit) = body.visit_id.filter(|_| created) {
                    set(&mut response, LOCATION, &format!("/api/v1/visits/{visit}"));
                }
                set(
                    &mut response,
                    PREFERENCE_APPLIED,
                    &format!("wait={waited_s}"),
                );
                mark_replayed(&mut response, replayed);
                response
            }
        }
    }
}

/// Adds the header that says that `Prefer: wait=N` was honoured to a refusal.
pub fn waited(problem: Problem, waited_s: u32) -> Problem {
    match HeaderValue::try_from(format!("wait={waited_s}")) {
        Ok(value) => problem.header(PREFERENCE_APPLIED, value),
        Err(_) => problem,
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(bytes)
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn mark_replayed(response: &mut Response, replayed: bool) {
    if replayed {
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
}

fn meta<T: Type>(status: u16, description: &'static str, headers: &[(&str, &str)]) -> MetaResponse {
    let headers = headers.iter().map(|&(name, description)| MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        schema: String::schema_ref(),
    });
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: "application/json",
            schema: T::schema_ref(),
        }],
        headers: headers.collect(),
    }
}

impl IntoResponse for CommandAnswer {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self)
    }
}

impl ApiResponse for CommandAnswer {
    fn meta() -> MetaResponses {
        let found = meta::<Self>(200, "Where the command stands.", &[]);
        MetaResponses {
            responses: vec![found],
        }
    }

    fn register(registry: &mut Registry) {
        <Self as Type>::register(registry);
    }
}

impl ApiResponse for Answer {
    fn meta() -> MetaResponses {
        const REPLAY: (&str, &str) = (
            "Idempotency-Replayed",
            "`true` when the command had been accepted before.",
        );
        const APPLIED: (&str, &str) = ("Preference-Applied", "`wait=N`, when it was waited.");
        MetaResponses {
            responses: vec![
                meta::<CommandAnswer>(200, "Applied, after `Prefer: wait=N`.", &[APPLIED, REPLAY]),
                meta::<CommandAnswer>(
                    201,
                    "Applied, after `Prefer: wait=N`; the visit was created.",
                    &[("Location", "The visit."), APPLIED, REPLAY],
                ),
                meta::<AcceptedAnswer>(
                    202,
                    "Accepted: it takes effect exactly once.",
                    &[("Location", "Where to ask for the outcome."), REPLAY],
                ),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        AcceptedAnswer::register(registry);
        <CommandAnswer as Type>::register(registry);
    }
}
