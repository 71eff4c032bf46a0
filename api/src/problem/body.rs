//! The body of an error answer, and how the API description shows it.

use super::{CONTENT_TYPE, Problem};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

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
    /// With `second_factor_required` and `second_factor_enrolment_required`: send it with the second
    /// factor. With `password_change_required`: send it with a new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_token: Option<String>,
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
    (
        409,
        "Conflict with what is there: `version_conflict`, one of `already_*`, or another that `code` names.",
    ),
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
