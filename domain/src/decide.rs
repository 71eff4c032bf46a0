//! The fold: one command against the world gives a [`Decision`] or a refusal.

mod apply;
mod needs;

pub use needs::{Needs, RETURN_AFTER_DEFAULT, needs, needs_of_visit};

use crate::model::{Department, Doctor, Room, Stage, Visit};
use crate::world::World;
use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::commands::Vitals;
use medique_contracts::ids::{DepartmentId, DoctorId, LinkId, RoomId};
use medique_contracts::{
    CommandMessage, CommandResult, EventData, EventType, Rejection, RejectionCode,
};

/// What a command does: zero or more transitions, in order, and the answer for the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// One version step, one audit row and one event each.
    pub transitions: Vec<Transition>,
    /// The answer.
    pub result: CommandResult,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// What the event is called.
    pub event_type: EventType,
    /// Department on whose subject the event is published.
    pub department_id: Option<DepartmentId>,
    /// The facts that the event carries.
    pub facts: EventData,
    /// What changes in the world.
    pub change: Change,
    /// What the audit trail keeps beside the facts (reason, previous state); may be personal.
    pub audit_detail: Option<AuditDetail>,
}

/// The new state of whatever a transition changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A visit, possibly with a stage that was closed on the way and other things to record.
    Visit(Box<VisitChange>),
    /// A doctor.
    Doctor(Doctor),
    /// A department.
    Department(Department),
    /// A room.
    Room(Room),
    /// Nothing but the fact itself (day closed).
    Nothing,
}

/// New state of a visit and what else is to be recorded with it.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitChange {
    /// The visit after the transition.
    pub visit: Visit,
    /// Older stages of the visit whose rows change too (a transfer closes one; its undoing closes
    /// the newer and reopens the older, which is then `visit.stage`).
    pub other_stages: Vec<Stage>,
    /// The token that was taken.
    pub token_taken: Option<(DepartmentId, NaiveDate, i32)>,
    /// The single-use link that was used up.
    pub link_used: Option<LinkId>,
    /// Vital signs to keep.
    pub vitals: Option<Vitals>,
    /// Notes and prescription to keep.
    pub notes: Option<Notes>,
    /// The room that the doctor called to, to be offered next time.
    pub doctor_last_room: Option<(DoctorId, RoomId)>,
}

/// What a doctor wrote at the end. Personal data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notes {
    /// Consultation notes.
    pub notes: Option<String>,
    /// Prescription.
    pub prescription: Option<String>,
}

/// What the audit trail keeps beside the facts.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct AuditDetail {
    /// State before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_state: Option<medique_contracts::vocabulary::StageState>,
    /// Level before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_level: Option<u8>,
    /// Reason given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A clinician set a level less urgent than the floor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub floor_overridden: bool,
}

/// Decides what `message`, stored by the broker at `now`, does to `world`. Changes nothing.
///
/// # Errors
/// The rule that refuses the command.
pub fn decide(
    _world: &World,
    message: &CommandMessage,
    now: DateTime<Utc>,
) -> Result<Decision, Rejection> {
    if message.context.not_after < now {
        return Err(Rejection::new(
            RejectionCode::Expired,
            "the command surfaced too late",
        ));
    }
    Err(Rejection::new(
        RejectionCode::InvalidTransition,
        "not possible in this state",
    ))
}
