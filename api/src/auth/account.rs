//! What an account may do right now, read where its access version is read, so that the two belong
//! together.

use super::tokens::StaffGrant;
use crate::problem::{ApiCode, Problem};
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// An account that may sign in.
#[derive(Debug, Clone)]
pub struct Account {
    /// What it may do. How the person proved who they are is not the account's to say: empty.
    pub grant: StaffGrant,
    /// Grows with each change of the grant.
    pub access_version: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    facility_id: Uuid,
    role: String,
    all_departments: bool,
    access_version: i64,
    departments: Vec<Uuid>,
}

const SELECT: &str = "
    SELECT s.facility_id, s.role, s.all_departments, s.access_version,
           ARRAY(SELECT d.department_id FROM staff_department d WHERE d.staff_id = s.id
                 ORDER BY d.department_id) AS departments
    FROM staff s WHERE s.id = $1 AND s.disabled_at IS NULL";

/// Reads an account; none when there is none, or it is disabled.
///
/// # Errors
/// `database_unavailable`, `internal_error`.
pub async fn read(connection: &mut PgConnection, id: StaffId) -> Result<Option<Account>, Problem> {
    let row: Option<Row> = sqlx::query_as(SELECT)
        .bind(id.0)
        .fetch_optional(connection)
        .await?;
    row.map(|row| account(id, row)).transpose()
}

/// The same, and nobody changes the account or opens a session of it until the transaction ends.
///
/// # Errors
/// As [`read`].
pub async fn lock(connection: &mut PgConnection, id: StaffId) -> Result<Option<Account>, Problem> {
    // Two statements: the departments of the first would be those from before the wait.
    sqlx::query("SELECT FROM staff WHERE id = $1 FOR NO KEY UPDATE")
        .bind(id.0)
        .execute(&mut *connection)
        .await?;
    read(connection, id).await
}

fn account(id: StaffId, row: Row) -> Result<Account, Problem> {
    let role = row.role.parse().map_err(|_| {
        tracing::error!(staff_id = %id, "the account has an unknown role");
        Problem::new(ApiCode::InternalError)
    })?;
    let departments = if row.all_departments {
        Grants::All
    } else {
        Grants::Only(row.departments.into_iter().map(DepartmentId).collect())
    };
    Ok(Account {
        grant: StaffGrant {
            staff_id: id,
            facility_id: FacilityId(row.facility_id),
            role,
            departments,
            amr: Vec::new(),
        },
        access_version: row.access_version,
    })
}
