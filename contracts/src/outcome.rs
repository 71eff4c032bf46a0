//! Outcomes: what became of a command. A refusal by rule is an outcome like any other.

use crate::events::VisitSnapshot;
use crate::ids::{CommandId, DepartmentId, RoomId, VisitId};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The final word on a command; stored in the inbox for 30 days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every outcome is the large variant, and none is kept after it is written"
)]
pub enum Outcome {
    /// It took effect.
    Applied {
        /// What it did.
        result: CommandResult,
    },
    /// A rule refused it; nothing changed.
    Rejected {
        /// Why.
        rejection: Rejection,
    },
    /// It could not be processed; an admin decides.
    DeadLettered {
        /// Why, without content.
        reason: String,
    },
}

/// What an applied command did. No personal data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CommandResult {
    /// State of the visit that was created or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitSnapshot>,
    /// Department that was created or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department_id: Option<DepartmentId>,
    /// Room that was created or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    /// Version of the department, room or doctor that was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What a day close did, or would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_close: Option<DayCloseReport>,
}

/// What a day close did, or (dry run) would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DayCloseReport {
    /// The service day in progress when the sweep ran.
    pub service_day: NaiveDate,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Visits that were (would be) expired.
    pub expired: Vec<VisitId>,
    /// Visits in consultation, left alone.
    pub in_consultation: Vec<VisitId>,
    /// Visits of level 1 and 2 that a sweep without a person left for one to decide on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_to_staff: Vec<VisitId>,
}

/// What a worker tells API replicas after each commit (core NATS, best effort: the row in the inbox
/// is the truth).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecidedNotice {
    /// Partition and COMMANDS sequence up to which everything of it is decided.
    pub cursors: Vec<(u16, u64)>,
    /// Outcomes that somebody waits for.
    pub decided: Vec<DecidedCommand>,
}

/// One outcome in a [`DecidedNotice`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecidedCommand {
    /// Which command.
    pub command_id: CommandId,
    /// What became of it.
    pub outcome: Outcome,
    /// When the broker stored it.
    pub accepted_at: DateTime<Utc>,
    /// When the worker decided it.
    pub decided_at: DateTime<Utc>,
    /// Trace of the request that was accepted, which a repetition's own is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// A refusal by rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Rejection {
    /// Stable code; also the last segment of the problem type.
    pub code: RejectionCode,
    /// One sentence for people, without personal data.
    pub detail: String,
    /// Current version of the visit, with `version_conflict`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
}

impl Rejection {
    /// A refusal with its sentence.
    pub fn new(code: RejectionCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            current_version: None,
        }
    }
}

crate::words!(
    /// Why a rule refused a command.
    RejectionCode {
        /// The state of the visit does not allow the operation.
        InvalidTransition = "invalid_transition",
        /// Somebody changed the visit since the client read it.
        VersionConflict = "version_conflict",
        /// The actor may not do this.
        Forbidden = "forbidden",
        /// No such visit, or not visible to the actor.
        UnknownVisit = "unknown_visit",
        /// No such department.
        UnknownDepartment = "unknown_department",
        /// No such doctor in that department.
        UnknownDoctor = "unknown_doctor",
        /// No such room in that department.
        UnknownRoom = "unknown_room",
        /// The patient already has a live visit.
        AlreadyInQueue = "already_in_queue",
        /// The id of the visit is taken.
        AlreadyExists = "already_exists",
        /// The code is taken.
        AlreadyTaken = "already_taken",
        /// The department does not take patients.
        DepartmentClosed = "department_closed",
        /// The doctor is not available.
        DoctorNotAvailable = "doctor_not_available",
        /// The doctor has another patient.
        DoctorBusy = "doctor_busy",
        /// A doctor must be named.
        DoctorRequired = "doctor_required",
        /// The room is taken.
        RoomBusy = "room_busy",
        /// No room was named and none is free.
        RoomRequired = "room_required",
        /// Nobody waits.
        NobodyWaiting = "nobody_waiting",
        /// A reason must be given.
        ReasonRequired = "reason_required",
        /// The level is less urgent than the safety floor.
        BelowFloor = "below_floor",
        /// Reception may raise urgency only.
        RaiseOnly = "raise_only",
        /// Announced less than ten seconds ago.
        RecallTooSoon = "recall_too_soon",
        /// Not yet announced often or long enough.
        NoShowTooSoon = "no_show_too_soon",
        /// The findings have changed since the adviser was asked.
        StaleSuggestion = "stale_suggestion",
        /// The adviser is switched off, or the department asks for no advice.
        AdviserOff = "adviser_off",
        /// Level 1 and 2 need a human decision.
        HumanRequired = "human_required",
        /// Another doctor is in charge.
        NotInCharge = "not_in_charge",
        /// There is nothing that could be taken back.
        NothingToUndo = "nothing_to_undo",
        /// The time for taking back is over.
        UndoExpired = "undo_expired",
        /// The visit is already in that department.
        SameDepartment = "same_department",
        /// Returning is possible on the same service day only.
        ServiceDayOver = "service_day_over",
        /// The link has expired.
        LinkExpired = "link_expired",
        /// The link can be used once and was.
        LinkAlreadyUsed = "link_already_used",
        /// The link, or the poster that it was drawn from, was revoked.
        LinkRevoked = "link_revoked",
        /// The message surfaced too late to be acted on.
        Expired = "expired",
        /// A field is out of bounds.
        InvalidField = "invalid_field",
    }
);
