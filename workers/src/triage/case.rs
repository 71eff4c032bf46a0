//! What the adviser may be asked about a visit, read at the moment of asking.
//!
//! Nothing of it travels over the broker: the worker that asks reads Postgres, where the intake lies
//! sealed, and sends no more than the service needs.

use medique_contracts::CommandKind;
use medique_contracts::commands::{DepartmentSettings, Vitals};
use medique_contracts::ids::{DepartmentId, FacilityId, VisitId};
use medique_contracts::vocabulary::{Sex, StageState, TriagePolicy};
use medique_domain::advice::StoredTriage;
use medique_domain::decide::age_in_years;
use medique_domain::model::IntakeRecord;
use medique_domain::transitions;
use medique_platform::privacy::{Field, Keys, PrivacyError, StoredKey};
use sqlx::types::Json;
use sqlx::{FromRow as _, PgPool, Row};

/// A visit as far as the adviser is concerned. Personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct AdviceCase {
    /// Where.
    pub facility_id: FacilityId,
    /// Department in which the visit is now: its partition takes the answer.
    pub department_id: DepartmentId,
    /// Version of the visit at which its findings last changed: `based_on` of the answer.
    pub findings_version: i64,
    /// What the department does with the adviser.
    pub policy: TriagePolicy,
    /// Whether the adviser is asked in the facility.
    pub adviser_enabled: bool,
    /// Whether the visit is in a state that takes advice.
    pub takes_advice: bool,
    /// Whether these findings have an advice, or a failure, already.
    pub is_advised: bool,
    /// Name of the patient: it is masked in what is sent, and does not leave.
    pub name: String,
    /// Age in completed years on the day of the visit.
    pub age_years: Option<u16>,
    /// Sex as recorded.
    pub sex: Option<Sex>,
    /// Presenting complaint.
    pub complaint: String,
    /// Further symptoms.
    pub symptoms: Vec<String>,
    /// Latest vital signs.
    pub vitals: Option<Vitals>,
}

impl AdviceCase {
    /// Whether the adviser is to be asked: everybody wants it, and nobody has been.
    pub fn is_wanted(&self) -> bool {
        self.adviser_enabled
            && self.policy != TriagePolicy::Off
            && self.takes_advice
            && !self.is_advised
    }
}

/// Why a case could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The database does not answer, or not as expected. Trying later may help.
    #[error("visit not read: {0}")]
    Database(#[from] sqlx::Error),
    /// What is sealed cannot be opened here.
    #[error("visit {0} not opened: {1}")]
    Privacy(VisitId, PrivacyError),
    /// What was opened has another shape.
    #[error("visit {0} has another shape")]
    Shape(VisitId),
}

const SELECT_CASE: &str = "
    SELECT v.facility_id, v.intake, v.vitals, v.triage, v.service_day, s.state, s.department_id,
           d.settings, f.adviser_enabled,
           EXISTS (SELECT FROM triage_advice a
                    WHERE a.visit_id = v.id AND a.version IS NOT NULL
                      AND a.based_on = COALESCE((v.triage->>'findings_version')::bigint, 1)) AS is_advised,
           k.wrapped_key, k.master_key_id, k.destroyed_at IS NOT NULL AS erased
    FROM visit v
    JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage
    JOIN department d ON d.id = s.department_id
    JOIN facility f ON f.id = v.facility_id
    LEFT JOIN visit_key k ON k.visit_id = v.id
    WHERE v.id = $1";

/// Reads what the adviser may be asked about a visit; none when there is no such visit (yet), when
/// nothing is known of the patient, or when the person was erased.
///
/// # Errors
/// See [`CaseError`].
pub async fn load_case(
    pool: &PgPool,
    keys: &Keys,
    visit: VisitId,
) -> Result<Option<AdviceCase>, CaseError> {
    let row = sqlx::query(SELECT_CASE)
        .bind(visit.0)
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let key = match keys.key_of(visit.0, StoredKey::from_row(&row)?) {
        Err(PrivacyError::Erased) => return Ok(None),
        key => key.map_err(|cause| CaseError::Privacy(visit, cause))?,
    };
    let intake = match row.try_get::<Option<Json<serde_json::Value>>, _>("intake")? {
        None => return Ok(None),
        Some(Json(serde_json::Value::String(sealed))) => {
            let key = key.ok_or(CaseError::Privacy(visit, PrivacyError::NotAuthentic))?;
            let clear = key
                .open(Field::Intake, &sealed)
                .map_err(|cause| CaseError::Privacy(visit, cause))?;
            serde_json::from_str(&clear)
        }
        Some(Json(clear)) => serde_json::from_value(clear), // written before there were keys
    };
    let intake: IntakeRecord = intake.map_err(|_| CaseError::Shape(visit))?;
    let triage: Option<Json<StoredTriage>> = row.try_get("triage")?;
    let Json(settings): Json<DepartmentSettings> = row.try_get("settings")?;
    let state: StageState =
        (row.try_get::<&str, _>("state")?.parse()).map_err(|_| CaseError::Shape(visit))?;
    let vitals: Option<Json<Vitals>> = row.try_get("vitals")?;
    Ok(Some(AdviceCase {
        facility_id: FacilityId(row.try_get("facility_id")?),
        department_id: DepartmentId(row.try_get("department_id")?),
        findings_version: triage.map_or(StoredTriage::findings_of_old(true), |Json(triage)| {
            triage.findings_version
        }),
        policy: settings.triage_policy,
        adviser_enabled: row.try_get("adviser_enabled")?,
        takes_advice: transitions::target(state, CommandKind::RecordAdvice).is_some(),
        is_advised: row.try_get("is_advised")?,
        age_years: age_in_years(&intake.patient, row.try_get("service_day")?),
        sex: intake.patient.sex,
        name: intake.patient.name,
        complaint: intake.complaint,
        symptoms: intake.symptoms,
        vitals: vitals.map(|Json(vitals)| vitals),
    }))
}
