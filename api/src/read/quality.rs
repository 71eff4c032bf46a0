//! How good the adviser is, against the levels that clinicians set.

mod figures;

pub use figures::{Comparison, DayFigures, FailureCount, Figures, ModelFigures};

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::access;
use crate::read::page::{Fresh, fresh};
use crate::read::period::Period;
use crate::read::time::Instant;
use crate::routes::Group;
use chrono::{DateTime, TimeDelta, Utc};
use figures::Asked;
use medique_platform::privacy::{Field, Keys};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// What is shown when no period is named.
const USUAL: TimeDelta = TimeDelta::days(30);
/// Longest period.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// The switch of the adviser.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct AdviserView {
    /// Whether it is asked, and its answers are taken.
    pub enabled: bool,
    /// Grows by one with each switch.
    pub version: i64,
    /// When it was switched last; absent when it never was.
    pub since: Option<Instant>,
    /// Who switched it; `system:scheduler` when it tripped.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// How good the adviser is.
#[derive(Debug, Object)]
pub struct TriageQuality {
    /// The switch, as it is now.
    pub adviser: AdviserView,
    /// Not before.
    pub from: Instant,
    /// Before.
    pub to: Instant,
    /// All of it.
    pub total: Figures,
    /// By model, in the order of the alphabet.
    pub models: Vec<ModelFigures>,
    /// By day of the facility's calendar; days without advice are left out.
    pub days: Vec<DayFigures>,
}

#[derive(FromRow)]
struct AdviserRow {
    adviser_enabled: bool,
    adviser_version: i64,
    adviser_since: Option<DateTime<Utc>>,
    adviser_by: Option<String>,
    adviser_reason: Option<String>,
}

/// The adviser's quality.
pub struct QualityApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Triage")]
impl QualityApi {
    /// How good the adviser is, for admins
    ///
    /// Suggestions against the first level that a clinician set after them, and, apart from those,
    /// against the level that stood already when they came (`independent`: that clinician cannot
    /// have been led by the suggestion). Levels that were taken back do not count. An admin of some
    /// departments sees those.
    #[oai(
        path = "/admin/triage/quality",
        method = "get",
        operation_id = "read_triage_quality"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// Not before this instant; 30 days before `to` when absent.
        from: Query<Option<DateTime<Utc>>>,
        /// Before this instant; now when absent.
        to: Query<Option<DateTime<Utc>>>,
        /// Of this model only.
        #[oai(validator(max_length = 120, pattern = "^[ -~]*$"))]
        model: Query<Option<String>>,
        /// Of this department only.
        department_id: Query<Option<Uuid>>,
    ) -> Result<Fresh<TriageQuality>, Problem> {
        access::to_admin(&caller)?;
        let period = Period::new(from.0, to.0, USUAL, LONGEST)?;
        let asked = Asked {
            facility: caller.facility_id.0,
            period,
            model: model.0,
            departments: access::departments_of(&caller, false)?,
            department: department_id.0,
        };
        let (adviser, figures) = tokio::try_join!(
            adviser(&app.pool, &app.keys, asked.facility),
            figures::read(&app.pool, &asked)
        )?;
        Ok(fresh(TriageQuality {
            adviser,
            from: period.from.into(),
            to: period.to.into(),
            total: figures.total,
            models: figures.models,
            days: figures.days,
        }))
    }
}

async fn adviser(pool: &PgPool, keys: &Keys, facility: Uuid) -> Result<AdviserView, Problem> {
    let row: AdviserRow = sqlx::query_as(
        "SELECT adviser_enabled, adviser_version, adviser_since, adviser_by, adviser_reason
         FROM facility WHERE id = $1",
    )
    .bind(facility)
    .fetch_one(pool)
    .await?;
    // What an old master key sealed may be unreadable one day; the switch is still told.
    let reason = row.adviser_reason.and_then(|sealed| {
        let opened = keys.open_for_facility(facility, Field::AdviserReason, &sealed);
        opened
            .inspect_err(|error| tracing::warn!(%error, "reason of the switch not read"))
            .ok()
            .flatten()
    });
    Ok(AdviserView {
        enabled: row.adviser_enabled,
        version: row.adviser_version,
        since: row.adviser_since.map(Into::into),
        by: row.adviser_by,
        reason: reason.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    })
}
