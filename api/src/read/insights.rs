//! A report on the queues, from figures alone.

use crate::app::Shared;
use crate::auth::Caller;
use crate::door::Body;
use crate::problem::Problem;
use crate::read::access;
use crate::read::page::{Fresh, fresh};
use crate::read::period::Period;
use crate::read::statistics::{self, Queues, Statistics};
use crate::routes::Group;
use chrono::{DateTime, TimeDelta, Utc};
use medique_platform::ai;
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::types::{Example, ToJSON as _};
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// What is reported on when no period is named.
const USUAL: TimeDelta = TimeDelta::days(1);
/// Longest period.
const LONGEST: TimeDelta = TimeDelta::days(92);

/// What to report on.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct InsightsBody {
    /// Patients who arrived not before this instant; a day before `to` when absent.
    from: Option<DateTime<Utc>>,
    /// Patients who arrived before this instant; now when absent.
    to: Option<DateTime<Utc>>,
    /// This department only.
    department_id: Option<Uuid>,
    /// Whether the service is asked for a text on the figures; it is when this is absent. Without,
    /// the answer is as quick as the database.
    report: Option<bool>,
}

impl Example for InsightsBody {
    fn example() -> Self {
        Self {
            from: None,
            to: None,
            department_id: None,
            report: Some(true),
        }
    }
}

/// A report on the queues.
#[derive(Debug, Object)]
pub struct Insights {
    /// The figures, which are all that the report was made of.
    pub statistics: Statistics,
    /// The report; null when there is none.
    pub report: Option<String>,
    /// Who wrote it: `none`, or `ai:` and the model.
    pub report_source: String,
    /// A sentence to be shown beside it.
    pub note: String,
}

/// A text on the figures, and whose it is.
struct Report {
    text: Option<String>,
    source: String,
    note: String,
}

impl Report {
    /// Asks for it; without an answer the figures stand alone, and it is said why.
    async fn of(
        adviser: Option<&ai::Client>,
        statistics: &Statistics,
        trace: &TraceContext,
    ) -> Self {
        let Some(adviser) = adviser else {
            return Self::none("no provider is configured".to_owned());
        };
        let figures = statistics.to_json().unwrap_or_default();
        let deadline = adviser.deadline();
        match adviser.report(&figures, deadline, trace).await {
            Ok(report) => Self::by_machine(report, &adviser.source().model),
            Err(failure) => {
                tracing::info!(kind = %failure.kind, attempts = failure.attempts, "no report");
                Self::none(format!("the service gave no answer ({})", failure.kind))
            }
        }
    }

    fn by_machine(report: ai::Report, model: &str) -> Self {
        Self {
            text: Some(report.text),
            source: format!("ai:{model}"),
            note: "written by a machine from the figures beside it: check it against them before you act on it"
                .to_owned(),
        }
    }

    fn none(why: String) -> Self {
        Self {
            text: None,
            source: "none".to_owned(),
            note: format!("{why}: these are the figures alone"),
        }
    }
}

/// Reports.
pub struct InsightsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl InsightsApi {
    /// A report on the queues, for admins
    ///
    /// Waits, throughput, levels, targets and patients who left, of the departments that the caller
    /// acts in. Made of figures alone: no personal data is read. Nothing is changed by asking.
    #[oai(
        path = "/admin/insights",
        method = "post",
        operation_id = "report_insights"
    )]
    async fn report(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        Data(trace): Data<&TraceContext>,
        Body(body): Body<InsightsBody>,
    ) -> Result<Fresh<Insights>, Problem> {
        access::to_admin(&caller)?;
        let period = Period::new(body.from, body.to, USUAL, LONGEST)?;
        let queues = Queues {
            facility: caller.facility_id.0,
            granted: access::departments_of(&caller, false)?,
            department: body.department_id,
        };
        let statistics = statistics::read(&app.pool, &queues, period).await?;
        let report = match body.report {
            Some(false) => Report::none("none was asked for".to_owned()),
            _ => Report::of(app.adviser.as_ref(), &statistics, trace).await,
        };
        Ok(fresh(Insights {
            statistics,
            report: report.text,
            report_source: report.source,
            note: report.note,
        }))
    }
}
