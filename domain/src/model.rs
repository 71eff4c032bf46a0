//! The things that the rules speak of, as the worker loads and writes them.

use crate::advice::Advice;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use medique_contracts::VisitSnapshot;
use medique_contracts::commands::{Answer, DepartmentSettings, Patient, RoomSettings, Vitals};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, RoomId, VisitId};
use medique_contracts::vocabulary::{ArrivalMode, DoctorStatus, StageState, VitalSign};
use serde::{Deserialize, Serialize};

/// A hospital or clinic.
#[derive(Debug, Clone, PartialEq)]
pub struct Facility {
    /// Identity.
    pub id: FacilityId,
    /// IANA time zone.
    pub timezone: Tz,
    /// Local hour (0–23) at which a service day begins.
    pub cutover_hour: u8,
    /// Whether the adviser is asked.
    pub adviser: Adviser,
}

/// The switch of the adviser, the service that suggests levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adviser {
    /// Whether it is asked, and its answers are taken.
    pub enabled: bool,
    /// Grows by one with each switch, from 1.
    pub version: i64,
}

impl Default for Adviser {
    /// Of a new facility.
    fn default() -> Self {
        Self {
            enabled: true,
            version: 1,
        }
    }
}

/// A department as the rules need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Department {
    /// Identity.
    pub id: DepartmentId,
    /// Where it belongs.
    pub facility_id: FacilityId,
    /// Grows by one with each change.
    pub version: i64,
    /// How it works.
    pub settings: DepartmentSettings,
}

/// A room as the rules need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// Identity.
    pub id: RoomId,
    /// Where it is.
    pub department_id: DepartmentId,
    /// Grows by one with each change.
    pub version: i64,
    /// What it is.
    pub settings: RoomSettings,
}

/// A doctor as the rules need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Doctor {
    /// Identity; equal to the staff id.
    pub id: DoctorId,
    /// Where the doctor works.
    pub facility_id: FacilityId,
    /// Departments of the doctor.
    pub departments: Vec<DepartmentId>,
    /// Whether the doctor takes patients.
    pub status: DoctorStatus,
    /// The room that the doctor called to last.
    pub last_room_id: Option<RoomId>,
    /// Patients whom the doctor may have called or in consultation at the same time.
    pub capacity: u16,
    /// Grows by one with each change of status.
    pub version: i64,
}

/// Who the patient is and why the patient came. Personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntakeRecord {
    /// Who.
    pub patient: Patient,
    /// Presenting complaint.
    pub complaint: String,
    /// Further symptoms.
    pub symptoms: Vec<String>,
    /// Answers to the structured questions of the triage rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// How the patient came.
    pub arrival_mode: Option<ArrivalMode>,
}

/// Result of the safety floor: the least urgent level that findings allow, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// 1 (worst) to 5 (no finding).
    pub level: u8,
    /// Version of the rules.
    pub rules_version: u32,
    /// Ids of the rules that fired.
    pub fired: Vec<String>,
    /// NEWS2 aggregate, when every parameter was measured.
    pub news2: Option<u8>,
    /// The same rules with the level that each demands; none in rows of version 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<FiredRule>,
    /// How NEWS2 came about; none where it does not apply, and in rows of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredRule {
    /// Id of the rule; with the version of the rules it leads to reason and source.
    pub id: String,
    /// The level that the rule demands at least, 1 (worst) to 5.
    pub level: u8,
}

/// A NEWS2 score, complete or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Which of the two saturation scales was used, 1 or 2.
    pub scale: u8,
    /// Sum over what was measured; a lower bound while something is missing.
    pub measured: u8,
    /// Parameters that were not measured, or could not be.
    pub missing: Vec<VitalSign>,
    /// Clinical risk of what was measured.
    pub risk: Risk,
}

/// The bands of clinical risk of the NEWS2 chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// 0 to 4.
    Low,
    /// A single parameter of 3.
    LowMedium,
    /// 5 or 6.
    Medium,
    /// 7 or more.
    High,
}

impl Risk {
    /// The word as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::LowMedium => "low_medium",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A clinician's level, or that of somebody at the desk who raised the urgency.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClinicianLevel {
    /// 1 (worst) to 5.
    pub level: u8,
    /// Whether the clinician set it above the floor on purpose, with a reason.
    pub overrides_floor: bool,
    /// Version of the visit that set it; 0 in rows of older builds.
    #[serde(default)]
    pub version: i64,
    /// Whether it was set by somebody who may raise urgency only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_desk: bool,
    /// With `by_desk`: the version at which a clinician had decided before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed_before: Option<i64>,
}

impl ClinicianLevel {
    /// The version at which a nurse or a doctor decided last; none when nobody has.
    pub fn assessed_version(&self) -> Option<i64> {
        if self.by_desk {
            self.assessed_before
        } else {
            Some(self.version)
        }
    }
}

/// Why and until when a patient is away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldRecord {
    /// Why.
    pub reason: String,
    /// When the patient is expected back.
    pub expected_back_at: Option<DateTime<Utc>>,
    /// State to go back to.
    pub resume_to: StageState,
}

/// One stop in one department queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Ordinal within the visit, from 1.
    pub ordinal: i16,
    /// Whose queue.
    pub department_id: DepartmentId,
    /// State.
    pub state: StageState,
    /// Doctor whose queue the patient waits in; none for the pool.
    pub assigned_doctor_id: Option<DoctorId>,
    /// Doctor who called or sees the patient; kept when the stage ends.
    pub doctor_id: Option<DoctorId>,
    /// Which of the doctor's places (0..capacity) is taken while called or in consultation.
    pub doctor_slot: i16,
    /// Room that the patient was called to; kept when the stage ends.
    pub room_id: Option<RoomId>,
    /// Which of the room's places (0..capacity) is taken while called or in consultation.
    pub room_slot: i16,
    /// Stands before everybody but level 1.
    pub front: bool,
    /// Instant from which waiting counts in this queue.
    pub queued_since: DateTime<Utc>,
    /// Begin of the stage.
    pub entered_at: DateTime<Utc>,
    /// First announcement.
    pub called_at: Option<DateTime<Utc>>,
    /// Last announcement.
    pub last_called_at: Option<DateTime<Utc>>,
    /// Begin of the consultation.
    pub started_at: Option<DateTime<Utc>>,
    /// End of the stage.
    pub ended_at: Option<DateTime<Utc>>,
    /// Announcements after the first.
    pub recall_count: u16,
    /// Why the patient is away, while on hold.
    pub hold: Option<HoldRecord>,
    /// Ended by a sweep: its times say nothing.
    pub inaccurate: bool,
    /// A time had to be clamped because the broker's clock went backwards.
    pub clock_clamped: bool,
}

/// What `undo` needs: the state before the last transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UndoRecord {
    /// Who made the transition ([`medique_contracts::Actor::key`]).
    pub actor: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The clinician's level before.
    pub clinician: Option<ClinicianLevel>,
    /// The newest stage before.
    pub stage: Stage,
}

/// One attendance, with its newest stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Identity.
    pub id: VisitId,
    /// Where.
    pub facility_id: FacilityId,
    /// Grows by one with each transition, from 1.
    pub version: i64,
    /// Who and why; none for a scan without intake.
    pub intake: Option<IntakeRecord>,
    /// Identifies the patient among live visits; none when the intake does not identify anybody,
    /// or when staff allowed a duplicate. See [`crate::validate::patient_key`].
    pub patient_key: Option<String>,
    /// Token number within department and service day; none before the intake.
    pub token_number: Option<i32>,
    /// Token such as `GM-042`.
    pub token: Option<String>,
    /// Department that issued the token.
    pub token_department_id: Option<DepartmentId>,
    /// Service day of the arrival.
    pub service_day: NaiveDate,
    /// Arrival.
    pub arrived_at: DateTime<Utc>,
    /// Latest vital signs.
    pub vitals: Option<Vitals>,
    /// Safety floor.
    pub floor: Floor,
    /// Clinician's level.
    pub clinician: Option<ClinicianLevel>,
    /// Version at which intake or vital signs last changed; 0 before the intake.
    pub findings_version: i64,
    /// What the adviser said last.
    pub advice: Option<Advice>,
    /// The most urgent level that a suggestion raised the visit to. It counts until a clinician has
    /// decided, whatever is suggested later.
    pub raised: Option<u8>,
    /// Level that the queue uses, 1 (worst) to 5.
    pub level: u8,
    /// Current stage.
    pub stage: Stage,
    /// Highest ordinal among all stages of the visit (`max(ordinal)`); greater than
    /// `stage.ordinal` once a transfer or a return was undone.
    pub last_ordinal: i16,
    /// Whether the person was erased: the visit stays for statistics, and for nothing else.
    pub erased: bool,
    /// How to take the last transition back.
    pub undo: Option<UndoRecord>,
}

impl Visit {
    /// The public state of the visit.
    pub fn snapshot(&self, from_department_id: Option<DepartmentId>) -> VisitSnapshot {
        VisitSnapshot {
            visit_id: self.id,
            version: self.version,
            token: self.token.clone(),
            service_day: self.service_day,
            state: self.stage.state,
            stage: self.stage.ordinal,
            department_id: self.stage.department_id,
            from_department_id,
            level: self.level,
            assigned_doctor_id: self.stage.assigned_doctor_id,
            doctor_id: self.stage.doctor_id,
            room_id: self.stage.room_id,
            front: self.stage.front,
            queued_since: self.stage.queued_since,
            arrived_at: self.arrived_at,
            called_at: self.stage.called_at,
            started_at: self.stage.started_at,
            ended_at: self.stage.ended_at,
            recall_count: self.stage.recall_count,
            inaccurate: self.stage.inaccurate,
        }
    }
}
