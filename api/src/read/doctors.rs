//! Doctors of the departments that the caller acts in.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use crate::read::{access, cursor};
use crate::routes::Group;
use crate::schema::Word;
use medique_contracts::vocabulary::DoctorStatus;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use sqlx::FromRow;
use uuid::Uuid;

/// A doctor.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct DoctorView {
    /// Identity; equal to the staff id.
    pub doctor_id: Uuid,
    /// Name.
    pub name: String,
    /// Whether the doctor takes patients.
    pub status: Word<DoctorStatus>,
    /// Grows by one with each change of status.
    pub version: i64,
    /// Departments of the doctor.
    pub departments: Vec<Uuid>,
    /// Patients whom the doctor may have called or in consultation at the same time.
    pub capacity: u16,
    /// Patients whom the doctor has called or in consultation now.
    pub patients: u16,
    /// The room that the doctor called to last.
    pub last_room_id: Option<Uuid>,
}

#[derive(FromRow)]
struct DoctorRow {
    id: Uuid,
    name: String,
    status: String,
    version: i64,
    departments: Vec<Uuid>,
    capacity: i16,
    patients: i64,
    last_room_id: Option<Uuid>,
}

const SELECT_DOCTORS: &str = "
    SELECT o.id, s.name, o.status, o.version, o.capacity, o.last_room_id,
           ARRAY(SELECT m.department_id FROM doctor_department m WHERE m.doctor_id = o.id ORDER BY 1) AS departments,
           (SELECT count(*) FROM stage g
            WHERE g.doctor_id = o.id AND g.state IN ('CALLED', 'IN_CONSULTATION')) AS patients
    FROM doctor o JOIN staff s ON s.id = o.id
    WHERE o.facility_id = $1 AND s.disabled_at IS NULL
      AND EXISTS (SELECT FROM doctor_department m WHERE m.doctor_id = o.id
                  AND ($2::uuid[] IS NULL OR m.department_id = ANY($2)) AND ($3::uuid IS NULL OR m.department_id = $3))
      AND ($4::uuid IS NULL OR o.id > $4)
    ORDER BY o.id LIMIT $5";

/// Doctors.
pub struct DoctorsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl DoctorsApi {
    /// Doctors of the departments that the caller acts in, by id
    #[oai(path = "/doctors", method = "get", operation_id = "list_doctors")]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// Of this department only.
        department_id: Query<Option<Uuid>>,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<DoctorView>>, Problem> {
        let departments = access::departments_of(&caller, false)?;
        let after: Option<Uuid> = cursor::decode(cursor.0.as_deref())?;
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        let rows: Vec<DoctorRow> = sqlx::query_as(SELECT_DOCTORS)
            .bind(caller.facility_id.0)
            .bind(departments)
            .bind(department_id.0)
            .bind(after)
            .bind(i64::from(limit) + 1)
            .fetch_all(&app.pool)
            .await?;
        Ok(fresh(Page::cut(rows, limit, |row| row.id, view)))
    }
}

fn view(row: DoctorRow) -> DoctorView {
    DoctorView {
        doctor_id: row.id,
        name: row.name,
        // The column allows the three words only.
        status: Word(row.status.parse().unwrap_or(DoctorStatus::Offline)),
        version: row.version,
        departments: row.departments,
        capacity: row.capacity.max(0) as u16,
        patients: row.patients.max(0) as u16,
        last_room_id: row.last_room_id,
    }
}
