//! The adviser's answer as an ordinary command: any number of workers may ask about the same
//! findings, and one answer takes effect.

use super::AdviceCase;
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::commands::{AdviceResult, AdviceSource, RecordAdvice};
use medique_contracts::ids::{CommandId, VisitId};
use medique_contracts::{Actor, Command, CommandContext, CommandKind, CommandMessage, subjects};
use medique_domain::permissions::TRIAGE;
use medique_platform::bus::OutgoingMessage;
use medique_platform::trace_context::TraceContext;
use sha2::{Digest, Sha256};

/// An answer that the workers cannot decide on for longer than this is of no use to anybody.
const VALID_FOR: TimeDelta = TimeDelta::hours(1);

fn actor() -> Actor {
    Actor::System {
        duty: TRIAGE.to_owned(),
    }
}

/// The command that carries the answer on these findings: the same for whoever asked.
pub fn advice_id(visit: VisitId, findings_version: i64) -> CommandId {
    let kind = CommandKind::RecordAdvice.as_str();
    let version = findings_version.to_string();
    CommandId::derive(&actor().key(), kind, &visit.to_string(), &version)
}

/// The message that records what came of asking about `case`; `cause` is the step that sends it.
///
/// # Errors
/// Never for what the types can hold.
pub fn advice_message(
    visit: VisitId,
    case: &AdviceCase,
    source: AdviceSource,
    result: AdviceResult,
    cause: &TraceContext,
    now: DateTime<Utc>,
) -> Result<OutgoingMessage, medique_contracts::envelope::EnvelopeError> {
    let command_id = advice_id(visit, case.findings_version);
    let fingerprint: String = Sha256::digest(command_id.0.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let message = CommandMessage {
        command_id,
        traceparent: Some(cause.traceparent()),
        context: CommandContext {
            actor: actor(),
            facility_id: case.facility_id,
            department_id: Some(case.department_id),
            visit_id: Some(visit),
            expected_version: None,
            fingerprint: fingerprint.clone(),
            sent_at: now,
            not_after: now + VALID_FOR,
        },
        command: Command::RecordAdvice(RecordAdvice {
            based_on: case.findings_version,
            source,
            result,
        }),
    };
    Ok(OutgoingMessage {
        subject: subjects::command(
            case.facility_id,
            Some(case.department_id),
            CommandKind::RecordAdvice,
        ),
        message_id: command_id.to_string(),
        headers: vec![(subjects::HEADER_FINGERPRINT, fingerprint)],
        payload: message.to_bytes()?.into(),
    })
}
