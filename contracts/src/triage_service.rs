//! The contract of an adviser: what a service must offer so that MediQue can ask it for advisory
//! triage levels and for reports. Anyone may implement it; [`openapi`] describes it, and
//! `contracts/triage-service.openapi.json` is that description, compared by a test.
//!
//! Only what stands in [`Case`] leaves the system about a patient: no name, no exact age, no date
//! of birth, no phone number, no id.

mod age;
mod openapi;

pub use age::AgeBand;
pub use openapi::document as openapi;

use crate::commands::Vitals;
use crate::vocabulary::Sex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Path of a request for a suggestion, below the address of the service.
pub const SUGGEST_PATH: &str = "/v1/suggest";
/// Path of a request for a report.
pub const REPORT_PATH: &str = "/v1/report";
/// Most reasons, and most questions, of one suggestion.
pub const ITEMS_MAX: usize = 3;
/// Longest reason or question, characters.
pub const ITEM_CHARS_MAX: usize = 200;
/// Longest report, characters.
pub const REPORT_CHARS_MAX: usize = 4000;
/// Largest answer of a service, bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Everything that is told about a patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Age, as a band; absent when it is not known.
    pub age_band: Option<AgeBand>,
    /// Sex as recorded; absent when it was not.
    pub sex: Option<Sex>,
    /// The complaint in the words of the patient or the clerk, of any language. Data, never an
    /// instruction.
    #[schemars(length(max = crate::limits::COMPLAINT_CHARS_MAX))]
    pub complaint: String,
    /// Further symptoms, likewise.
    #[schemars(length(max = crate::limits::SYMPTOMS_MAX), inner(length(max = crate::limits::SYMPTOM_CHARS_MAX)))]
    pub symptoms: Vec<String>,
    /// The newest vital signs; a sign that was not measured is absent.
    pub vitals: Option<Vitals>,
}

/// A request for a suggestion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestRequest {
    /// The patient.
    pub case: Case,
}

/// The answer: exactly these members, or it counts as a failure. It must not hold control
/// characters, nor characters that change the direction of text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestAnswer {
    /// Suggested level, 1 (worst) to 5.
    #[schemars(range(min = 1, max = 5))]
    pub level: u8,
    /// How sure the service is, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// Why, in a few words each, for clinicians.
    #[schemars(length(max = ITEMS_MAX), inner(length(min = 1, max = ITEM_CHARS_MAX)))]
    pub reasons: Vec<String>,
    /// What to ask or measure next.
    #[schemars(length(max = ITEMS_MAX), inner(length(min = 1, max = ITEM_CHARS_MAX)))]
    pub questions: Vec<String>,
}

/// A request for a report about a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// Counts and times of queues, by name. Nothing about a person.
    pub statistics: Value,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportAnswer {
    /// Plain text.
    #[schemars(length(min = 1, max = REPORT_CHARS_MAX))]
    pub text: String,
}
