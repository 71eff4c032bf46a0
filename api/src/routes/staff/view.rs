//! Accounts as administrators see them.

use crate::auth::staff::By;
use crate::problem::{ApiCode, Problem};
use crate::read::time::Instant;
use crate::schema::Word;
use chrono::{DateTime, Utc};
use medique_contracts::actor::Grants;
use medique_contracts::ids::StaffId;
use medique_contracts::vocabulary::Role;
use poem_openapi::{Enum, Object};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StaffStatus {
    /// Its owner has not accepted the invitation yet.
    Invited,
    /// Its owner can sign in.
    Active,
    /// Nobody can sign in to it.
    Disabled,
}

/// An account.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct StaffView {
    /// Identity; for a doctor also the doctor's id.
    id: Uuid,
    /// E-mail address: the name at sign-in.
    email: String,
    /// Name for people.
    name: String,
    /// The one role.
    role: Word<Role>,
    /// Departments in which the role acts; empty when it acts in all.
    departments: Vec<Uuid>,
    /// Whether the role acts in every department, also those created later.
    all_departments: bool,
    /// How it stands.
    status: StaffStatus,
    /// Until when the invitation can be accepted; absent when there is none that is open.
    invited_until: Option<Instant>,
    /// Whether signing in asks for a second factor.
    second_factor: bool,
    /// When the account was made.
    created_at: Instant,
}

impl StaffView {
    /// What a page continues after.
    pub fn key(&self) -> Uuid {
        self.id
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    departments: Vec<Uuid>,
    all_departments: bool,
    is_disabled: bool,
    is_accepted: bool,
    invited_until: Option<DateTime<Utc>>,
    second_factor: bool,
    created_at: DateTime<Utc>,
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.email, s.name, s.role, s.all_departments,
                    s.disabled_at IS NOT NULL AS is_disabled,
                    s.email_verified_at IS NOT NULL AS is_accepted,
                    (SELECT max(t.expires_at) FROM staff_token t
                     WHERE t.staff_id = s.id AND t.kind = 'invitation' AND t.used_at IS NULL
                       AND t.expires_at > now()) AS invited_until,
                    s.totp_secret IS NOT NULL AS second_factor, s.created_at,
                    ARRAY(SELECT d.department_id FROM staff_department d WHERE d.staff_id = s.id
                          ORDER BY d.department_id) AS departments
             FROM staff s WHERE s.facility_id = $1 AND ",
            $which
        )
    };
}

/// One more than fits on a page, in the order of their making.
///
/// # Errors
/// `database_unavailable`.
pub async fn read(
    pool: &PgPool,
    by: &By,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<StaffView>, Problem> {
    let departments: Option<Vec<Uuid>> = match &by.departments {
        Grants::All => None,
        Grants::Only(list) => Some(list.iter().map(|id| id.0).collect()),
    };
    let rows: Vec<Row> = sqlx::query_as(select!(
        "($2::uuid IS NULL OR s.id > $2)
         AND ($3::uuid[] IS NULL OR NOT s.all_departments AND NOT EXISTS (
              SELECT FROM staff_department d
              WHERE d.staff_id = s.id AND d.department_id <> ALL($3)))
         ORDER BY s.id LIMIT $4"
    ))
    .bind(by.facility.0)
    .bind(after)
    .bind(departments)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(view).collect()
}

/// One account of the facility.
///
/// # Errors
/// `unknown_staff`, `database_unavailable`.
pub async fn one(
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
) -> Result<StaffView, Problem> {
    let row: Option<Row> = sqlx::query_as(select!("s.id = $2"))
        .bind(by.facility.0)
        .bind(staff.0)
        .fetch_optional(connection)
        .await?;
    view(row.ok_or(Problem::new(ApiCode::UnknownStaff))?)
}

fn view(row: Row) -> Result<StaffView, Problem> {
    let role = row.role.parse().map_err(|_| {
        tracing::error!(staff_id = %row.id, "the account has an unknown role");
        Problem::new(ApiCode::InternalError)
    })?;
    let status = match (row.is_disabled, row.is_accepted) {
        (true, _) => StaffStatus::Disabled,
        (false, true) => StaffStatus::Active,
        (false, false) => StaffStatus::Invited,
    };
    Ok(StaffView {
        id: row.id,
        email: row.email,
        name: row.name,
        role: Word(role),
        departments: row.departments,
        all_departments: row.all_departments,
        status,
        invited_until: row.invited_until.map(Instant),
        second_factor: row.second_factor,
        created_at: Instant(row.created_at),
    })
}
