//! The facility, and whether there is one.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, fresh};
use crate::routes::Group;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use sqlx::FromRow;
use uuid::Uuid;

/// A facility.
#[derive(Debug, FromRow, Object)]
pub struct FacilityView {
    /// Identity.
    #[sqlx(rename = "id")]
    pub facility_id: Uuid,
    /// Short code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// IANA time zone that its clocks show, such as `Europe/London`.
    pub timezone: String,
    /// Its departments by code, also those that the caller does not act in: patients are
    /// transferred to them.
    #[sqlx(skip)]
    pub departments: Vec<DepartmentName>,
}

/// What signs on the walls say of a department.
#[derive(Debug, FromRow, Object)]
pub struct DepartmentName {
    /// Identity.
    #[sqlx(rename = "id")]
    pub department_id: Uuid,
    /// Token code, such as `GM` in `GM-042`.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Whether it takes patients.
    pub open: bool,
}

/// How far the installation is.
#[derive(Debug, Object)]
pub struct Setup {
    /// Whether there is an account that can sign in. A system without one is set up on the command
    /// line of the worker.
    pub has_accounts: bool,
}

/// The facility.
pub struct FacilityApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl FacilityApi {
    /// The facility of the caller
    ///
    /// For staff, boards and patients: screens show times in its zone.
    #[oai(path = "/facility", method = "get", operation_id = "read_facility")]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
    ) -> Result<Fresh<FacilityView>, Problem> {
        let facility: Option<FacilityView> =
            sqlx::query_as("SELECT id, code, name, timezone FROM facility WHERE id = $1")
                .bind(caller.facility_id.0)
                .fetch_optional(&app.pool)
                .await?;
        let departments = sqlx::query_as(
            "SELECT id, settings->>'code' AS code, settings->>'name' AS name, \
                    COALESCE((settings->>'open')::boolean, true) AS open \
             FROM department WHERE facility_id = $1 ORDER BY code",
        )
        .bind(caller.facility_id.0)
        .fetch_all(&app.pool)
        .await?;
        let facility = facility.ok_or(Problem::new(ApiCode::NotFound))?;
        Ok(fresh(FacilityView {
            departments,
            ..facility
        }))
    }

    /// Whether the system is set up
    ///
    /// Open to anybody: the page of a new installation says what to do first.
    #[oai(path = "/setup", method = "get", operation_id = "read_setup")]
    async fn setup(&self, Data(app): Data<&Shared>) -> Result<Fresh<Setup>, Problem> {
        let has_accounts = sqlx::query_scalar("SELECT EXISTS (SELECT FROM staff)")
            .fetch_one(&app.pool)
            .await?;
        Ok(fresh(Setup { has_accounts }))
    }
}
