//! The adviser, the service that suggests levels: its switch.

use super::Group;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use medique_contracts::Command;
use medique_contracts::commands::SwitchAdviser;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

/// How the adviser is to be.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct AdviserBody {
    /// Whether it is asked from now on, and its answers are taken.
    enabled: bool,
    /// Why; say nothing about a patient.
    #[oai(validator(min_length = 1, max_length = 300))]
    reason: String,
}

impl Example for AdviserBody {
    fn example() -> Self {
        Self {
            enabled: false,
            reason: "suggests too little urgency for chest pain".to_owned(),
        }
    }
}

/// The adviser.
pub struct TriageApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::Triage",
    request_header(
        name = "Idempotency-Key",
        ty = "String",
        description = "1 to 128 visible ASCII characters; a fresh random one per intent, the same one per repetition."
    ),
    request_header(
        name = "Prefer",
        ty = "Option<String>",
        description = "`wait=N`: wait up to N (at most 30) seconds for the outcome itself."
    )
)]
impl TriageApi {
    /// Switch the adviser off or on
    ///
    /// ADMIN of the whole facility. Off means at once: what is under way is refused when it arrives.
    /// Levels that were raised stay until a clinician has decided. MediQue switches it off by itself
    /// when it suggests too little urgency too often.
    #[oai(
        path = "/admin/triage/adviser",
        method = "put",
        operation_id = "switch_adviser"
    )]
    async fn switch_adviser(
        &self,
        conditions: Conditions,
        caller: Caller,
        Body(body): Body<AdviserBody>,
    ) -> Answered {
        let command = Command::SwitchAdviser(SwitchAdviser {
            enabled: body.enabled,
            reason: body.reason,
        });
        accept(conditions, &caller, Ask::in_facility("adviser", command)).await
    }
}
