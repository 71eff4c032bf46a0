//! The departments that the caller acts in.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use crate::read::{access, cursor};
use crate::routes::Group;
use crate::schema::Word;
use medique_contracts::commands::DepartmentSettings;
use medique_contracts::vocabulary::{ReturnPlace, TransferPlace, TriagePolicy};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

/// A department.
#[derive(Debug, Object)]
pub struct DepartmentView {
    /// Identity.
    pub department_id: Uuid,
    /// Grows by one with each change; send it as `expected_version`.
    pub version: i64,
    /// Token code, such as `GM` in `GM-042`.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Whether it takes patients.
    pub open: bool,
    /// Level of a patient whom nobody has assessed, 1 to 5.
    pub default_level: u8,
    /// Minutes within which a patient of level 1 to 5 should be seen.
    pub target_minutes: Vec<u16>,
    /// Where transferred patients join.
    pub transfer_place: Word<TransferPlace>,
    /// Where returning patients join.
    pub return_place: Word<ReturnPlace>,
    /// Announcements needed before a no-show.
    pub no_show_recalls: u16,
    /// Seconds since the last announcement needed before a no-show.
    pub no_show_grace_s: u32,
    /// Whether day close leaves this department alone.
    pub exempt_from_day_close: bool,
    /// What the department does with the adviser.
    pub triage_policy: Word<TriagePolicy>,
}

#[derive(FromRow)]
struct DepartmentRow {
    id: Uuid,
    version: i64,
    settings: Json<DepartmentSettings>,
}

const SELECT_DEPARTMENTS: &str = "
    SELECT id, version, settings FROM department
    WHERE facility_id = $1 AND ($2::uuid[] IS NULL OR id = ANY($2)) AND ($3::text IS NULL OR code > $3)
    ORDER BY code LIMIT $4";

/// Departments.
pub struct DepartmentsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl DepartmentsApi {
    /// The departments that the caller acts in, by code
    #[oai(
        path = "/departments",
        method = "get",
        operation_id = "list_departments"
    )]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<DepartmentView>>, Problem> {
        let departments = access::departments_of(&caller, true)?;
        let after: Option<String> = cursor::decode(cursor.0.as_deref())?;
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        let rows: Vec<DepartmentRow> = sqlx::query_as(SELECT_DEPARTMENTS)
            .bind(caller.facility_id.0)
            .bind(departments)
            .bind(after)
            .bind(i64::from(limit) + 1)
            .fetch_all(&app.pool)
            .await?;
        Ok(fresh(Page::cut(
            rows,
            limit,
            |row| row.settings.code.clone(),
            view,
        )))
    }
}

fn view(row: DepartmentRow) -> DepartmentView {
    let settings = row.settings.0;
    DepartmentView {
        department_id: row.id,
        version: row.version,
        code: settings.code,
        name: settings.name,
        open: settings.open,
        default_level: settings.default_level,
        target_minutes: settings.target_minutes.to_vec(),
        transfer_place: Word(settings.transfer_place),
        return_place: Word(settings.return_place),
        no_show_recalls: settings.no_show_recalls,
        no_show_grace_s: settings.no_show_grace_s,
        exempt_from_day_close: settings.exempt_from_day_close,
        triage_policy: Word(settings.triage_policy),
    }
}
