//! The client of an adviser: a service that may be slow, wrong, flooded, or away at any time, and
//! must harm nothing but its own answer.
//!
//! One question is a *call*; a call makes *attempts*. Around them stand, from the outside in: a bound
//! on calls at a time without a queue in front of it ([`Failure`] at once when it is full), a deadline
//! over everything, a circuit breaker (`breaker`), a budget for repetitions (`budget`), delays with
//! full jitter that honour `Retry-After`, and for each attempt a time limit, a bound on bytes, and
//! a closed shape that the answer must have (`answer`). Redirects are not followed.

mod answer;
mod breaker;
mod budget;
mod case;
mod client;
mod config;
mod counters;
mod http;
mod prompt;
mod provider;
mod retry_after;

pub use breaker::{BreakerConfig, BreakerState, BreakerStatus};
pub use case::{Patient, case_of};
pub use client::{Client, Failure, Report, Suggested};
pub use config::{AiConfig, ProviderKind};
pub use counters::Counts;
pub use prompt::PROMPT_VERSION;

use serde::Serialize;

/// Who answers: what a suggestion is labelled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Kind of service.
    pub provider: &'static str,
    /// Its model.
    pub model: String,
    /// Version of the text around the data.
    pub prompt_version: u32,
}

/// How the client stands, for operators. Nothing about a patient, and no secret.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Who is asked.
    #[serde(flatten)]
    pub source: Source,
    /// Whether it is asked.
    pub breaker: BreakerStatus,
    /// What happened since the process started.
    pub counts: Counts,
}
