//! Messages that come into COMMANDS past the api.

use crate::Hospital;
use anyhow::Result;
use bytes::Bytes;
use medique_contracts::actor::{Actor, Grants};
use medique_contracts::commands::{
    AdviceResult, AdviceSource, CheckIn, CommandContext, CommandMessage, Intake, Patient,
    RecordAdvice, Suggestion,
};
use medique_contracts::ids::{CommandId, DepartmentId, FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use medique_contracts::{Command, CommandKind, subjects};
use medique_platform::bus::{OutgoingMessage, PublishError, Stored};
use serde_json::Value;
use uuid::Uuid;

/// A check-in as the api would send it.
pub fn check_in(hospital: &Hospital, role: Role, mark: &str) -> CommandMessage {
    let department = DepartmentId(hospital.department().id);
    let now = medique_platform::clock::now();
    let patient = Patient {
        name: format!("Pat {mark}"),
        age_years: Some(40),
        birth_date: None,
        sex: None,
        phone: None,
        language: None,
    };
    let intake = Intake {
        patient,
        complaint: format!("sore throat {mark}"),
        symptoms: Vec::new(),
        answers: Vec::new(),
        vitals: None,
        assigned_doctor_id: None,
        arrival_mode: None,
        allow_duplicate: false,
    };
    let command_id = CommandId(Uuid::new_v4());
    CommandMessage {
        command_id,
        traceparent: None,
        context: CommandContext {
            actor: Actor::Staff {
                id: StaffId(Uuid::new_v4()),
                role,
                departments: Grants::Only(vec![department]),
            },
            facility_id: FacilityId(hospital.facility),
            department_id: Some(department),
            visit_id: Some(command_id.created().into()),
            expected_version: None,
            fingerprint: "0".repeat(64),
            sent_at: now,
            not_after: now + chrono::TimeDelta::minutes(1),
        },
        command: Command::CheckIn(CheckIn { intake }),
    }
}

/// The adviser's answer on findings of version `based_on`, as the triage worker would send it.
pub fn advice(
    hospital: &Hospital,
    visit: Uuid,
    based_on: i64,
    result: AdviceResult,
) -> CommandMessage {
    let now = medique_platform::clock::now();
    CommandMessage {
        command_id: CommandId(Uuid::new_v4()),
        traceparent: None,
        context: CommandContext {
            actor: Actor::System {
                duty: "triage".to_owned(),
            },
            facility_id: FacilityId(hospital.facility),
            department_id: Some(DepartmentId(hospital.department().id)),
            visit_id: Some(visit.into()),
            expected_version: None,
            fingerprint: "0".repeat(64),
            sent_at: now,
            not_after: now + chrono::TimeDelta::minutes(1),
        },
        command: Command::RecordAdvice(RecordAdvice {
            based_on,
            source: AdviceSource {
                provider: "generic".to_owned(),
                model: "simulated".to_owned(),
                prompt_version: 1,
                input_hash: "0123456789abcdef".repeat(4),
                latency_ms: 800,
                attempts: 1,
            },
            result,
        }),
    }
}

/// A suggestion with a reason.
pub fn suggestion(level: u8, reason: &str) -> AdviceResult {
    AdviceResult::Suggested(Suggestion {
        level,
        confidence: 0.5,
        reasons: vec![reason.to_owned()],
        questions: vec![format!("really {reason}?")],
    })
}

/// Puts bytes into COMMANDS, past the api.
///
/// # Errors
/// The broker is away; its refusal is inside.
pub async fn put(hospital: &Hospital, payload: Vec<u8>) -> Result<Result<Stored, PublishError>> {
    let department = DepartmentId(hospital.department().id);
    let subject = subjects::command(
        FacilityId(hospital.facility),
        Some(department),
        CommandKind::CheckIn,
    );
    publish(hospital, subject, payload).await
}

async fn publish(
    hospital: &Hospital,
    subject: String,
    payload: Vec<u8>,
) -> Result<Result<Stored, PublishError>> {
    let message = OutgoingMessage {
        subject,
        message_id: Uuid::new_v4().to_string(),
        headers: vec![(subjects::HEADER_FINGERPRINT, "0".repeat(64))],
        payload: Bytes::from(payload),
    };
    Ok(hospital.nats.bus().await?.publish_single(message).await)
}

/// Puts a message into COMMANDS, past the api, under an id of its own.
///
/// # Errors
/// The broker is away or refuses.
pub async fn put_message(hospital: &Hospital, message: &CommandMessage) -> Result<Stored> {
    Ok(publish(hospital, subject_of(message), message.to_bytes()?).await??)
}

/// Where the api would publish a message.
pub fn subject_of(message: &CommandMessage) -> String {
    let context = &message.context;
    let (facility, department) = (context.facility_id, context.department_id);
    subjects::command(facility, department, message.command.kind())
}

/// The message as JSON, changed.
///
/// # Errors
/// Never for messages of ours.
pub fn changed(message: &CommandMessage, change: impl FnOnce(&mut Value)) -> Result<Vec<u8>> {
    let mut value = serde_json::from_slice(&message.to_bytes()?)?;
    change(&mut value);
    Ok(serde_json::to_vec(&value)?)
}
