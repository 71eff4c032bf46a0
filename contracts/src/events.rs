//! Events: what happened, for every screen and consumer. Events carry no personal data.
//!
//! A visit event carries the whole public state of the visit after the transition, so a consumer
//! that applies the log from the beginning has the same table as Postgres, and one that sees an
//! event twice or late drops it by `version <= last seen`.

use crate::ids::{CommandId, DepartmentId, DoctorId, EventId, FacilityId, RoomId, VisitId};
use crate::vocabulary::{DoctorStatus, StageState};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

crate::words!(
    /// The kind of an event.
    EventType {
        /// A link was scanned.
        VisitScanned = "visit_scanned",
        /// A patient joined the queue.
        VisitCheckedIn = "visit_checked_in",
        /// Vital signs were recorded.
        VisitVitalsRecorded = "visit_vitals_recorded",
        /// The clinician's level was set.
        VisitAcuitySet = "visit_acuity_set",
        /// The adviser suggested a level, or failed to; what it says is not in the event.
        VisitTriageAdvised = "visit_triage_advised",
        /// The patient was called.
        VisitCalled = "visit_called",
        /// The patient was announced again.
        VisitRecalled = "visit_recalled",
        /// The patient went back to the queue.
        VisitUnclaimed = "visit_unclaimed",
        /// The consultation started.
        VisitStarted = "visit_started",
        /// The patient is away for a while.
        VisitHeld = "visit_held",
        /// The patient is back.
        VisitResumed = "visit_resumed",
        /// The visit is finished.
        VisitCompleted = "visit_completed",
        /// The patient did not come.
        VisitNoShow = "visit_no_show",
        /// The patient came back.
        VisitReturned = "visit_returned",
        /// The visit moved to another department.
        VisitTransferred = "visit_transferred",
        /// The visit was cancelled.
        VisitCancelled = "visit_cancelled",
        /// The patient left.
        VisitLeft = "visit_left",
        /// The visit has another doctor, or none in particular.
        VisitReassigned = "visit_reassigned",
        /// The last transition was taken back.
        VisitUndone = "visit_undone",
        /// The visit was never confirmed, or was swept at day close.
        VisitExpired = "visit_expired",
        /// What was known of the person was made unreadable.
        PersonErased = "person_erased",
        /// A doctor takes patients, or does not.
        DoctorAvailabilityChanged = "doctor_availability_changed",
        /// A department was created or changed.
        DepartmentChanged = "department_changed",
        /// A room was created or changed.
        RoomChanged = "room_changed",
        /// A day was closed.
        DayClosed = "day_closed",
        /// The adviser was switched off or on for the facility.
        AdviserSwitched = "adviser_switched",
        /// A command could not be processed and waits for an admin.
        CommandDeadLettered = "command_dead_lettered",
    }
);

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct EventMessage {
    /// Identity; equal to the ids of the audit row and of the outbox row.
    pub event_id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// W3C trace context of the command.
    pub traceparent: Option<String>,
    /// The facts and where they belong.
    pub body: EventBody,
}

/// The facts of an event and where they belong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventBody {
    /// Where.
    pub facility_id: FacilityId,
    /// The department concerned after the event; none for facility-wide facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department_id: Option<DepartmentId>,
    /// When it was decided: the broker's store time of the command.
    pub occurred_at: DateTime<Utc>,
    /// The command that caused it.
    pub command_id: CommandId,
    /// The facts.
    pub facts: EventData,
}

/// The facts of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventData {
    /// State of a visit after a transition.
    Visit(Box<VisitSnapshot>),
    /// State of a doctor.
    Doctor {
        /// Who.
        doctor_id: DoctorId,
        /// New status.
        status: DoctorStatus,
        /// Version of the doctor's row.
        version: i64,
    },
    /// A department changed; read it through the API.
    Department {
        /// Version of the department's row.
        version: i64,
    },
    /// A room changed; read it through the API.
    Room {
        /// Which.
        room_id: RoomId,
        /// Version of the room's row.
        version: i64,
    },
    /// A day was closed.
    DayClosed {
        /// Service day that the sweep ran for.
        service_day: NaiveDate,
        /// Visits that were expired.
        expired: u32,
        /// Visits still in consultation, untouched.
        in_consultation: u32,
    },
    /// The adviser was switched.
    Adviser {
        /// Whether it is asked, and its answers are taken.
        enabled: bool,
        /// Grows by one with each switch.
        version: i64,
    },
    /// A command waits for an admin.
    DeadLetter {
        /// Why, without content.
        reason: String,
    },
}

/// Public state of a visit: no name, complaint, note or reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VisitSnapshot {
    /// The visit.
    pub visit_id: VisitId,
    /// Grows by one with each transition, from 1.
    pub version: i64,
    /// Token such as `GM-042`; none before the intake of a scanned visit.
    pub token: Option<String>,
    /// Facility-local service day of the arrival.
    pub service_day: NaiveDate,
    /// State of the newest stage.
    pub state: StageState,
    /// Ordinal of the newest stage, from 1.
    pub stage: i16,
    /// Department of the newest stage.
    pub department_id: DepartmentId,
    /// Department that the visit came from, on a transfer or its undoing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_department_id: Option<DepartmentId>,
    /// Effective level 1 (worst) to 5.
    pub level: u8,
    /// Doctor whom the patient is assigned to.
    pub assigned_doctor_id: Option<DoctorId>,
    /// Doctor who called or sees the patient.
    pub doctor_id: Option<DoctorId>,
    /// Room that the patient was called to.
    pub room_id: Option<RoomId>,
    /// Whether the patient stands before everybody but level 1.
    pub front: bool,
    /// Instant from which waiting counts.
    pub queued_since: DateTime<Utc>,
    /// Arrival at the facility.
    pub arrived_at: DateTime<Utc>,
    /// First announcement in this stage.
    pub called_at: Option<DateTime<Utc>>,
    /// Start of the consultation in this stage.
    pub started_at: Option<DateTime<Utc>>,
    /// End of this stage.
    pub ended_at: Option<DateTime<Utc>>,
    /// Announcements after the first.
    pub recall_count: u16,
    /// Whether the stage was ended by a sweep, so that its times say nothing.
    pub inaccurate: bool,
}

impl EventType {
    /// Version of the data that this build writes.
    pub const VERSION: u32 = 1;

    /// The CloudEvents `type`.
    pub fn wire_type(self) -> String {
        format!("medique.event.{}.v{}", self.as_str(), Self::VERSION)
    }

    /// Reads a CloudEvents `type` that this build understands.
    pub fn from_wire_type(text: &str) -> Option<Self> {
        let (kind, version) = text.strip_prefix("medique.event.")?.rsplit_once(".v")?;
        (version.parse() == Ok(Self::VERSION)).then(|| kind.parse().ok())?
    }
}

impl EventMessage {
    /// The visit that the event is about.
    pub fn visit(&self) -> Option<&VisitSnapshot> {
        match &self.body.facts {
            EventData::Visit(snapshot) => Some(snapshot),
            _ => None,
        }
    }
}
