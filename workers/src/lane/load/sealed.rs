//! A row of a visit, as the rules know visits: in clear.

use super::LoadError;
use super::visits::word;
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, RoomId, VisitId};
use medique_contracts::vocabulary::StageState;
use medique_domain::advice::{Advice, StoredTriage};
use medique_domain::model::{HoldRecord, IntakeRecord, Stage, UndoRecord, Visit};
use medique_domain::validate::patient_key;
use medique_platform::privacy::{DataKey, Field, Keys, PrivacyError, StoredKey};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow as _, Row};
use uuid::Uuid;

/// A visit with its newest stage, and its data key; none for one that is erased, or older than the
/// table of keys.
pub(super) fn visit(row: &PgRow, keys: &Keys) -> Result<(Visit, Option<DataKey>), LoadError> {
    let id = VisitId(row.try_get("id")?);
    let stored = StoredKey::from_row(row)?;
    let erased = stored.erased;
    let key = match keys.key_of(id.0, stored) {
        Err(PrivacyError::Erased) => Ok(None),
        key => key,
    };
    let key = key.map_err(|cause| LoadError::Privacy { visit: id, cause })?;
    let seal = Seal {
        visit: id,
        key: key.as_ref(),
    };
    let intake = if erased { None } else { seal.intake(row)? };
    // The column tells whether the visit may claim the patient; its mark cannot be read back.
    let has_mark = row.try_get::<Option<&str>, _>("patient_key")?.is_some();
    let patient_key = intake
        .as_ref()
        .filter(|_| has_mark)
        .and_then(|intake| patient_key(&intake.patient));
    let undo: Option<UndoRecord> = json(row, "undo")?;
    let token: Option<String> = row.try_get("token")?;
    let triage = json::<StoredTriage>(row, "triage")?;
    let findings_version = triage.as_ref().map_or_else(
        || StoredTriage::findings_of_old(token.is_some()),
        |triage| triage.findings_version,
    );
    let raised = triage.as_ref().and_then(|triage| triage.raised);
    let advice = triage.and_then(|triage| triage.advice);
    let visit = Visit {
        id,
        facility_id: FacilityId(row.try_get("facility_id")?),
        version: row.try_get("version")?,
        intake,
        patient_key,
        token_number: row.try_get("token_number")?,
        token,
        token_department_id: row
            .try_get::<Option<Uuid>, _>("token_department_id")?
            .map(DepartmentId),
        service_day: row.try_get("service_day")?,
        arrived_at: row.try_get("arrived_at")?,
        vitals: json(row, "vitals")?,
        floor: row.try_get::<Json<_>, _>("floor")?.0,
        clinician: json(row, "clinician")?,
        findings_version,
        advice: advice.map(|sealed| seal.advice(sealed)).transpose()?,
        raised,
        level: u8::try_from(row.try_get::<i16, _>("level")?).unwrap_or(1),
        stage: seal.stage(stage(row)?)?,
        last_ordinal: row.try_get("last_ordinal")?,
        erased,
        undo: undo.map(|undo| seal.undo(undo)).transpose()?,
    };
    Ok((visit, key))
}

/// Reads what the data key of a visit sealed.
struct Seal<'a> {
    visit: VisitId,
    key: Option<&'a DataKey>,
}

impl Seal<'_> {
    fn open(&self, field: Field, stored: String) -> Result<String, LoadError> {
        let opened = match self.key {
            Some(key) => key.open(field, &stored),
            // Written before there were keys; sealed text without its key was tampered with.
            None if DataKey::is_sealed(&stored) => Err(PrivacyError::NotAuthentic),
            None => Ok(stored),
        };
        let visit = self.visit;
        opened.map_err(|cause| LoadError::Privacy { visit, cause })
    }

    fn intake(&self, row: &PgRow) -> Result<Option<IntakeRecord>, LoadError> {
        let parsed = match json::<Value>(row, "intake")? {
            None => return Ok(None),
            Some(Value::String(sealed)) => serde_json::from_str(&self.open(Field::Intake, sealed)?),
            Some(clear) => serde_json::from_value(clear),
        };
        parsed.map(Some).map_err(|_| LoadError::Inconsistent {
            table: "visit",
            cause: "intake is of another shape".to_owned(),
        })
    }

    fn advice(&self, sealed: String) -> Result<Advice, LoadError> {
        let clear = self.open(Field::Advice, sealed)?;
        serde_json::from_str(&clear).map_err(|_| LoadError::Inconsistent {
            table: "visit",
            cause: "advice is of another shape".to_owned(),
        })
    }

    fn stage(&self, stage: Stage) -> Result<Stage, LoadError> {
        let hold = match stage.hold {
            Some(hold) => Some(HoldRecord {
                reason: self.open(Field::Hold, hold.reason)?,
                ..hold
            }),
            None => None,
        };
        Ok(Stage { hold, ..stage })
    }

    fn undo(&self, undo: UndoRecord) -> Result<UndoRecord, LoadError> {
        Ok(UndoRecord {
            stage: self.stage(undo.stage)?,
            ..undo
        })
    }
}

fn stage(row: &PgRow) -> Result<Stage, LoadError> {
    Ok(Stage {
        ordinal: row.try_get("ordinal")?,
        department_id: DepartmentId(row.try_get("department_id")?),
        state: word::<StageState>(row, "state", "stage")?,
        assigned_doctor_id: row
            .try_get::<Option<Uuid>, _>("assigned_doctor_id")?
            .map(DoctorId),
        doctor_id: row.try_get::<Option<Uuid>, _>("doctor_id")?.map(DoctorId),
        doctor_slot: row.try_get("doctor_slot")?,
        room_id: row.try_get::<Option<Uuid>, _>("room_id")?.map(RoomId),
        room_slot: row.try_get("room_slot")?,
        front: row.try_get("front")?,
        queued_since: row.try_get("queued_since")?,
        entered_at: row.try_get("entered_at")?,
        called_at: row.try_get("called_at")?,
        last_called_at: row.try_get("last_called_at")?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        recall_count: u16::try_from(row.try_get::<i16, _>("recall_count")?).unwrap_or_default(),
        hold: json(row, "hold")?,
        inaccurate: row.try_get("inaccurate")?,
        clock_clamped: row.try_get("clock_clamped")?,
    })
}

fn json<T>(row: &PgRow, column: &str) -> Result<Option<T>, sqlx::Error>
where
    T: serde::de::DeserializeOwned + Send + Unpin + 'static,
{
    Ok(row
        .try_get::<Option<Json<T>>, _>(column)?
        .map(|Json(value)| value))
}
