//! What an applied command did, as clients see it.

use crate::schema::Word;
use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::outcome::DayCloseReport;
use medique_contracts::vocabulary::StageState;
use medique_contracts::{CommandResult, VisitSnapshot};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

/// What an applied command did.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CommandResult", skip_serializing_if_is_none)]
pub struct ResultAnswer {
    /// State of the visit that was created or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitState>,
    /// Department that was created or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_id: Option<Uuid>,
    /// Room that was created or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_id: Option<Uuid>,
    /// Version of the department, room or doctor that was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What a day close did, or would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_close: Option<DayCloseAnswer>,
}

/// Public state of a visit: no name, complaint, note or reason.
#[derive(Debug, Clone, Serialize, Object)]
pub struct VisitState {
    /// The visit.
    pub visit_id: Uuid,
    /// Grows by one with each transition, from 1.
    pub version: i64,
    /// Token such as `GM-042`; none before the intake of a scanned visit.
    pub token: Option<String>,
    /// Facility-local service day of the arrival.
    pub service_day: NaiveDate,
    /// State of the newest stage.
    pub state: Word<StageState>,
    /// Ordinal of the newest stage, from 1.
    pub stage: i16,
    /// Department of the newest stage.
    pub department_id: Uuid,
    /// Effective level 1 (worst) to 5. Patients are not shown it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Doctor whom the patient is assigned to.
    pub assigned_doctor_id: Option<Uuid>,
    /// Doctor who called or sees the patient.
    pub doctor_id: Option<Uuid>,
    /// Room that the patient was called to.
    pub room_id: Option<Uuid>,
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
}

/// What a day close did, or (dry run) would do.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "DayClose")]
pub struct DayCloseAnswer {
    /// The service day in progress when the sweep ran.
    pub service_day: NaiveDate,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Visits that were (would be) expired.
    pub expired: Vec<Uuid>,
    /// Visits in consultation, left alone.
    pub in_consultation: Vec<Uuid>,
}

impl ResultAnswer {
    /// As staff see it, or as the patient does.
    pub fn of(result: &CommandResult, for_patient: bool) -> Self {
        let mut visit = result.visit.as_ref().map(VisitState::from);
        if let Some(visit) = visit.as_mut().filter(|_| for_patient) {
            visit.level = None;
        }
        Self {
            visit,
            department_id: result.department_id.map(|id| id.0),
            room_id: result.room_id.map(|id| id.0),
            version: result.version,
            day_close: result.day_close.as_ref().map(DayCloseAnswer::from),
        }
    }
}

impl From<&VisitSnapshot> for VisitState {
    fn from(visit: &VisitSnapshot) -> Self {
        Self {
            visit_id: visit.visit_id.0,
            version: visit.version,
            token: visit.token.clone(),
            service_day: visit.service_day,
            state: Word(visit.state),
            stage: visit.stage,
            department_id: visit.department_id.0,
            level: Some(visit.level),
            assigned_doctor_id: visit.assigned_doctor_id.map(|id| id.0),
            doctor_id: visit.doctor_id.map(|id| id.0),
            room_id: visit.room_id.map(|id| id.0),
            front: visit.front,
            queued_since: visit.queued_since,
            arrived_at: visit.arrived_at,
            called_at: visit.called_at,
            started_at: visit.started_at,
            ended_at: visit.ended_at,
            recall_count: visit.recall_count,
        }
    }
}

impl From<&DayCloseReport> for DayCloseAnswer {
    fn from(report: &DayCloseReport) -> Self {
        Self {
            service_day: report.service_day,
            dry_run: report.dry_run,
            expired: report.expired.iter().map(|id| id.0).collect(),
            in_consultation: report.in_consultation.iter().map(|id| id.0).collect(),
        }
    }
}
