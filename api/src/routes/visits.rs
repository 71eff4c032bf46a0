//! Commands on one visit.

pub mod calling;
pub mod care;
pub mod findings;
pub mod moving;

use poem_openapi::Object;
use serde::Deserialize;

/// A command without fields of its own.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "VisitCommand", deny_unknown_fields)]
pub struct PlainBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
}

/// A command with a remark.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "VisitCommandWithRemark", deny_unknown_fields)]
pub struct RemarkBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Remark.
    #[oai(validator(max_length = 300))]
    reason: Option<String>,
}

/// A command that needs a reason.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "VisitCommandWithReason", deny_unknown_fields)]
pub struct ReasonBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Why; refused as `reason_required` when it is empty.
    #[serde(default)]
    #[oai(default, validator(max_length = 300))]
    reason: String,
}
