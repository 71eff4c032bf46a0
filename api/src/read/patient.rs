//! The patient's own page: where I stand.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::page::{Fresh, fresh};
use crate::read::places::{self, Place, place_columns};
use crate::read::time::Instant;
use crate::routes::Group;
use crate::schema::Word;
use chrono::{DateTime, Utc};
use medique_contracts::RejectionCode;
use medique_contracts::commands::DepartmentSettings;
use medique_contracts::ids::VisitId;
use medique_contracts::vocabulary::StageState;
use medique_domain::queue_order::people_ahead;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use sqlx::types::Json;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A visit as its patient sees it.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct PatientView {
    /// The visit.
    pub visit_id: Uuid,
    /// Grows by one with each change; send it as `expected_version`.
    pub version: i64,
    /// Token such as `GM-042`; absent before the intake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// State.
    pub state: Word<StageState>,
    /// Where.
    pub department_id: Uuid,
    /// Name of the department.
    pub department: String,
    /// The room to go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_id: Option<Uuid>,
    /// Code of that room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Arrival.
    pub arrived_at: Instant,
    /// Patients who would be called before, while waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_ahead: Option<u32>,
    /// Rough wait from now, minutes; absent while too little is known to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_minutes: Option<u32>,
    /// When this was read.
    pub as_of: Instant,
}

#[derive(FromRow)]
struct OwnRow {
    #[sqlx(flatten)]
    place: Place,
    settings: Json<DepartmentSettings>,
    /// Median of recent consultations, seconds; none when there were too few.
    median_s: Option<f64>,
    doctors: i64,
}

/// The median is over at most 50 consultations of the last seven days; fewer than five say nothing.
const SELECT_OWN: &str = concat!(
    "SELECT ",
    place_columns!(),
    ", d.settings,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM c.ended_at - c.started_at)::float8)
        FROM (SELECT started_at, ended_at FROM stage
              WHERE department_id = s.department_id AND state = 'COMPLETED' AND NOT inaccurate
                AND ended_at > $2 - interval '7 days'
              ORDER BY ended_at DESC LIMIT 50) c
        HAVING count(*) >= 5) AS median_s,
       (SELECT count(*) FROM doctor_department m JOIN doctor o ON o.id = m.doctor_id
        WHERE m.department_id = s.department_id AND o.status = 'AVAILABLE') AS doctors
     FROM visit v
     JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage
     JOIN department d ON d.id = s.department_id
     LEFT JOIN room r ON r.id = s.room_id
     WHERE v.id = $1"
);

impl PatientView {
    /// Reads a visit as its patient sees it; none when there is no such visit (yet).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(
        pool: &PgPool,
        visit: VisitId,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, sqlx::Error> {
        let row: Option<OwnRow> = sqlx::query_as(SELECT_OWN)
            .bind(visit.0)
            .bind(now)
            .fetch_optional(pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let targets = &row.settings.target_minutes;
        let ahead = if row.place.snapshot.state.is_waiting() {
            let waiting =
                places::waiting_in(pool, row.place.snapshot.department_id, targets).await?;
            Some(people_ahead(&row.place.queue_entry(targets), &waiting, now))
        } else {
            None
        };
        Ok(Some(Self::new(row, ahead, now)))
    }

    fn new(row: OwnRow, ahead: Option<usize>, now: DateTime<Utc>) -> Self {
        let visit = row.place.snapshot;
        let is_called = visit.state.is_with_doctor();
        Self {
            visit_id: visit.visit_id.0,
            version: visit.version,
            token: visit.token,
            state: Word(visit.state),
            department_id: visit.department_id.0,
            department: row.settings.0.name,
            room_id: visit.room_id.filter(|_| is_called).map(|room| room.0),
            room: row.place.room.filter(|_| is_called),
            arrived_at: visit.arrived_at.into(),
            people_ahead: ahead.map(|ahead| ahead as u32),
            estimate_minutes: ahead
                .and_then(|ahead| estimate_minutes(ahead, row.median_s, row.doctors)),
            as_of: now.into(),
        }
    }
}

/// Those ahead and the one who is in now, shared by the doctors who take patients.
fn estimate_minutes(ahead: usize, median_s: Option<f64>, doctors: i64) -> Option<u32> {
    let rounds = (ahead + 1) as f64 / doctors.max(1) as f64;
    Some((rounds * median_s? / 60.0).ceil().clamp(0.0, 1440.0) as u32)
}

/// The patient's own page.
pub struct PatientApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl PatientApi {
    /// The own visit, for a patient
    #[oai(
        path = "/patient/visit",
        method = "get",
        operation_id = "read_own_visit"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
    ) -> Result<Fresh<PatientView>, Problem> {
        let visit = caller
            .own_visit()
            .ok_or(Problem::new(RejectionCode::Forbidden))?;
        let view = PatientView::read(&app.pool, visit, medique_platform::clock::now()).await?;
        Ok(fresh(
            view.ok_or(Problem::new(RejectionCode::UnknownVisit))?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::estimate_minutes;

    #[test]
    fn the_estimate_is_shared_by_the_doctors_and_says_nothing_when_data_are_thin() {
        assert_eq!(estimate_minutes(3, None, 2), None);
        assert_eq!(estimate_minutes(0, Some(600.0), 1), Some(10));
        assert_eq!(estimate_minutes(3, Some(600.0), 2), Some(20));
        assert_eq!(estimate_minutes(3, Some(600.0), 0), Some(40));
    }
}
