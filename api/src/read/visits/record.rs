//! A visit as it is stored, in one statement.

use crate::read::places::{Place, place_columns};
use chrono::{DateTime, Utc};
use medique_contracts::commands::Vitals;
use medique_contracts::ids::VisitId;
use medique_domain::model::{ClinicianLevel, Floor, HoldRecord, IntakeRecord};
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// Everything that anybody may see of a visit. Personal data.
#[derive(FromRow)]
pub(super) struct Record {
    /// Public state.
    #[sqlx(flatten)]
    pub place: Place,
    /// Where.
    pub facility_id: Uuid,
    /// Who and why.
    pub intake: Option<Json<IntakeRecord>>,
    /// Latest vital signs.
    pub vitals: Option<Json<Vitals>>,
    /// Safety floor.
    pub floor: Json<Floor>,
    /// Clinician's level.
    pub clinician: Option<Json<ClinicianLevel>>,
    /// Why the patient is away.
    pub hold: Option<Json<HoldRecord>>,
    /// Last announcement.
    pub last_called_at: Option<DateTime<Utc>>,
    /// What doctors wrote, oldest first.
    pub notes: Json<Vec<NoteRecord>>,
}

/// What a doctor wrote. Personal data.
#[derive(Debug, Deserialize)]
pub(super) struct NoteRecord {
    /// Version of the visit that it made.
    pub version: i64,
    /// Who wrote it.
    pub written_by: String,
    /// When.
    pub written_at: DateTime<Utc>,
    /// Consultation notes.
    pub notes: Option<String>,
    /// Prescription.
    pub prescription: Option<String>,
}

const SELECT_VISIT: &str = concat!(
    "SELECT ",
    place_columns!(),
    ", v.facility_id, v.intake, v.vitals, v.floor, v.clinician, s.hold, s.last_called_at,
       (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                   'version', n.version, 'written_by', n.written_by, 'written_at', n.written_at,
                   'notes', n.notes, 'prescription', n.prescription) ORDER BY n.version), '[]')
        FROM consultation_note n WHERE n.visit_id = v.id) AS notes
     FROM visit v
     JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage
     LEFT JOIN room r ON r.id = s.room_id
     WHERE v.id = $1"
);

impl Record {
    /// Reads a visit; none when there is no such visit (yet).
    ///
    /// # Errors
    /// The database does not answer.
    pub(super) async fn read(pool: &PgPool, visit: VisitId) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as(SELECT_VISIT)
            .bind(visit.0)
            .fetch_optional(pool)
            .await
    }
}
