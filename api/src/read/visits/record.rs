//! A visit as it is stored, in one statement, and as it is in clear.

mod history;

pub(in crate::read) use history::Step;

use crate::problem::{ApiCode, Problem};
use crate::read::places::{Place, place_columns};
use crate::read::sealed::{Opener, key_columns};
use chrono::{DateTime, Utc};
use history::{StoredStep, history_column};
use medique_contracts::commands::Vitals;
use medique_contracts::ids::VisitId;
use medique_domain::advice::{Advice, StoredTriage};
use medique_domain::model::{ClinicianLevel, Floor, HoldRecord, IntakeRecord};
use medique_platform::privacy::{Field, Keys, StoredKey};
use serde::Deserialize;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A visit as it is stored: what tells of persons is sealed.
#[derive(FromRow)]
struct StoredRecord {
    #[sqlx(flatten)]
    place: Place,
    facility_id: Uuid,
    #[sqlx(flatten)]
    key: StoredKey,
    intake: Option<Json<Value>>,
    vitals: Option<Json<Vitals>>,
    floor: Json<Floor>,
    clinician: Option<Json<ClinicianLevel>>,
    triage: Option<Json<StoredTriage>>,
    history: Json<Vec<StoredStep>>,
    hold: Option<Json<HoldRecord>>,
    last_called_at: Option<DateTime<Utc>>,
    notes: Json<Vec<NoteRecord>>,
}

/// Everything that anybody may see of a visit. Personal data.
pub(in crate::read) struct Record {
    /// Public state.
    pub place: Place,
    /// Where.
    pub facility_id: Uuid,
    /// Whether the person was erased.
    pub erased: bool,
    /// Who and why.
    pub intake: Option<IntakeRecord>,
    /// Latest vital signs.
    pub vitals: Option<Vitals>,
    /// Safety floor.
    pub floor: Floor,
    /// Clinician's level.
    pub clinician: Option<ClinicianLevel>,
    /// Version at which intake or vital signs last changed.
    pub findings_version: i64,
    /// What the adviser raised the level to.
    pub raised: Option<u8>,
    /// What the adviser said last.
    pub advice: Option<Advice>,
    /// How the visit came by its level, oldest step first.
    pub history: Vec<Step>,
    /// Why the patient is away.
    pub hold: Option<HoldRecord>,
    /// Last announcement.
    pub last_called_at: Option<DateTime<Utc>>,
    /// What doctors wrote, oldest first.
    pub notes: Vec<NoteRecord>,
}

/// What a doctor wrote. Personal data.
#[derive(Debug, Deserialize)]
pub(in crate::read) struct NoteRecord {
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

const SELECT_VISITS: &str = concat!(
    "SELECT ",
    place_columns!(),
    ", ",
    key_columns!(),
    ", v.facility_id, v.intake, v.vitals, v.floor, v.clinician, v.triage, s.hold, s.last_called_at,
       (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                   'version', n.version, 'written_by', n.written_by, 'written_at', n.written_at,
                   'notes', n.notes, 'prescription', n.prescription) ORDER BY n.version), '[]')
        FROM consultation_note n WHERE n.visit_id = v.id) AS notes, ",
    history_column!(),
    "
     FROM visit v
     JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage
     LEFT JOIN room r ON r.id = s.room_id
     LEFT JOIN visit_key k ON k.visit_id = v.id
     WHERE v.id = ANY($1)
     ORDER BY v.arrived_at, v.id"
);

impl Record {
    /// Reads a visit; none when there is no such visit (yet).
    ///
    /// # Errors
    /// The database does not answer, or what is sealed cannot be read.
    pub(in crate::read) async fn read(
        pool: &PgPool,
        keys: &Keys,
        visit: VisitId,
    ) -> Result<Option<Self>, Problem> {
        Ok(Self::read_all(pool, keys, vec![visit.0]).await?.pop())
    }

    /// Reads visits in the order of their arrival.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub(in crate::read) async fn read_all(
        pool: &PgPool,
        keys: &Keys,
        visits: Vec<Uuid>,
    ) -> Result<Vec<Self>, Problem> {
        let rows: Vec<StoredRecord> = sqlx::query_as(SELECT_VISITS)
            .bind(visits)
            .fetch_all(pool)
            .await?;
        rows.into_iter().map(|row| row.open(keys)).collect()
    }
}

impl StoredRecord {
    fn open(self, keys: &Keys) -> Result<Record, Problem> {
        let opener = Opener::new(keys, self.place.snapshot.visit_id.0, self.key)?;
        let hold = match self.hold {
            Some(Json(hold)) => opener
                .text(Field::Hold, hold.reason.clone())?
                .map(|reason| HoldRecord { reason, ..hold }),
            None => None,
        };
        let text = |field, stored: Option<String>| match stored {
            Some(stored) => opener.text(field, stored),
            None => Ok(None),
        };
        let note = |note: NoteRecord| -> Result<NoteRecord, Problem> {
            Ok(NoteRecord {
                notes: text(Field::Notes, note.notes)?,
                prescription: text(Field::Prescription, note.prescription)?,
                ..note
            })
        };
        let history = (self.history.0.into_iter())
            .map(|step| step.open(&opener))
            .collect::<Result<_, _>>()?;
        let triage = self.triage.map(|json| json.0);
        let has_token = self.place.snapshot.token.is_some();
        Ok(Record {
            findings_version: triage.as_ref().map_or_else(
                || StoredTriage::findings_of_old(has_token),
                |triage| triage.findings_version,
            ),
            raised: triage.as_ref().and_then(|triage| triage.raised),
            advice: advice(&opener, triage)?,
            history,
            intake: opener.intake(self.intake.map(|json| json.0))?,
            notes: self
                .notes
                .0
                .into_iter()
                .map(note)
                .collect::<Result<_, _>>()?,
            erased: opener.is_erased(),
            place: self.place,
            facility_id: self.facility_id,
            vitals: self.vitals.map(|json| json.0),
            floor: self.floor.0,
            clinician: self.clinician.map(|json| json.0),
            hold,
            last_called_at: self.last_called_at,
        })
    }
}

fn advice(opener: &Opener, triage: Option<StoredTriage>) -> Result<Option<Advice>, Problem> {
    let Some(sealed) = triage.and_then(|triage| triage.advice) else {
        return Ok(None);
    };
    let opened = opener.text(Field::Advice, sealed)?;
    let parsed = opened.map(|text| serde_json::from_str(&text)).transpose();
    parsed.map_err(|_| {
        tracing::error!("an advice is of another shape");
        Problem::new(ApiCode::InternalError)
    })
}
