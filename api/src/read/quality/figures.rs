//! Counting what the adviser said and what clinicians made of it.

use crate::read::period::{Period, share};
use crate::schema::Word;
use chrono::NaiveDate;
use medique_contracts::vocabulary::AdviceFailure;
use poem_openapi::Object;
use sqlx::{FromRow, PgPool};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Suggestions against clinicians' levels. Shares are absent while there is nothing to compare.
#[derive(Debug, Default, PartialEq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Comparison {
    /// Suggestions that were compared.
    pub compared: i64,
    /// The same level.
    pub agreed: i64,
    /// Less urgent than the clinician's level.
    pub under_triaged: i64,
    /// More urgent than the clinician's level.
    pub over_triaged: i64,
    /// Share of the same level, 0 to 1.
    pub agreement: Option<f64>,
    /// Share of less urgent ones, 0 to 1.
    pub under_triage: Option<f64>,
    /// Share of more urgent ones, 0 to 1.
    pub over_triage: Option<f64>,
}

impl Comparison {
    fn new(compared: i64, agreed: i64, under_triaged: i64) -> Self {
        let over_triaged = compared - agreed - under_triaged;
        Self {
            compared,
            agreed,
            under_triaged,
            over_triaged,
            agreement: share(agreed, compared),
            under_triage: share(under_triaged, compared),
            over_triage: share(over_triaged, compared),
        }
    }
}

/// How often the adviser failed in one way.
#[derive(Debug, PartialEq, Object)]
pub struct FailureCount {
    /// In which way.
    pub kind: Word<AdviceFailure>,
    /// How often.
    pub count: i64,
}

/// What the adviser said and what became of it.
#[derive(Debug, Default, PartialEq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Figures {
    /// Suggestions that were recorded.
    pub suggested: i64,
    /// Failures that were recorded.
    pub failed: i64,
    /// The same by kind.
    pub failures: Vec<FailureCount>,
    /// Answers that came when the findings had changed.
    pub stale_refused: i64,
    /// Answers that were refused otherwise: the visit was over, or the adviser switched off.
    pub refused_otherwise: i64,
    /// Suggestions that raised a level.
    pub raised: i64,
    /// Against the first level that a clinician set afterwards.
    pub clinicians: Comparison,
    /// Against the clinician's level that stood already.
    pub independent: Comparison,
    /// Share of clinicians' first levels after advice that were not the level in force until then.
    pub override_rate: Option<f64>,
    /// Share of clinicians' first levels after advice that override the safety floor.
    pub floor_override_rate: Option<f64>,
    /// Half of the suggestions took at most this long, milliseconds.
    pub latency_p50_ms: Option<f64>,
    /// 95 of 100 suggestions took at most this long, milliseconds.
    pub latency_p95_ms: Option<f64>,
}

/// The figures of one model.
#[derive(Debug, Object)]
pub struct ModelFigures {
    /// Which kind of service.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Its figures.
    pub figures: Figures,
}

/// The figures of one day.
#[derive(Debug, Object)]
pub struct DayFigures {
    /// Day of the facility's calendar.
    pub day: NaiveDate,
    /// Its figures.
    pub figures: Figures,
}

/// What is asked for.
pub(super) struct Asked {
    pub(super) facility: Uuid,
    pub(super) period: Period,
    pub(super) model: Option<String>,
    pub(super) departments: Option<Vec<Uuid>>,
    pub(super) department: Option<Uuid>,
}

#[derive(Debug, Default)]
pub(super) struct All {
    pub(super) total: Figures,
    pub(super) models: Vec<ModelFigures>,
    pub(super) days: Vec<DayFigures>,
}

/// What a row counts: everything, one model, or one day.
type Group = (Option<String>, Option<String>, Option<NaiveDate>);

macro_rules! advice_of_period {
    () => {
        " FROM (SELECT a.*, (a.at AT TIME ZONE f.timezone)::date AS day
                FROM triage_advice a JOIN facility f ON f.id = a.facility_id
                WHERE a.facility_id = $1 AND a.at >= $2 AND a.at < $3
                  AND ($4::text IS NULL OR a.model = $4)
                  AND ($5::uuid[] IS NULL OR a.department_id = ANY($5))
                  AND ($6::uuid IS NULL OR a.department_id = $6)) AS a "
    };
}

const COUNT: &str = concat!(
    "SELECT provider, model, day,
            count(*) FILTER (WHERE a.refused IS NULL AND a.level IS NOT NULL) AS suggested,
            count(*) FILTER (WHERE a.refused IS NULL AND a.failure IS NOT NULL) AS failed,
            count(*) FILTER (WHERE a.refused = 'stale_suggestion') AS stale,
            count(*) FILTER (WHERE a.refused <> 'stale_suggestion') AS refused,
            count(*) FILTER (WHERE a.level_after < a.level_before) AS raised,
            count(*) FILTER (WHERE d.level IS NOT NULL AND a.level IS NOT NULL) AS compared,
            count(*) FILTER (WHERE d.level = a.level) AS agreed,
            count(*) FILTER (WHERE a.level > d.level) AS under,
            count(*) FILTER (WHERE a.standing_level IS NOT NULL AND a.level IS NOT NULL) AS stood,
            count(*) FILTER (WHERE a.standing_level = a.level) AS stood_agreed,
            count(*) FILTER (WHERE a.level > a.standing_level) AS stood_under,
            count(d.level) AS decided,
            count(*) FILTER (WHERE d.level <> d.level_before) AS overridden,
            count(*) FILTER (WHERE d.overrides_floor) AS floor_overridden,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY a.latency_ms::float8)
                FILTER (WHERE a.level IS NOT NULL) AS p50,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY a.latency_ms::float8)
                FILTER (WHERE a.level IS NOT NULL) AS p95",
    advice_of_period!(),
    "LEFT JOIN triage_decision d
            ON d.visit_id = a.visit_id AND d.answers = a.version AND NOT d.taken_back
     GROUP BY GROUPING SETS ((), (provider, model), (day))"
);

const COUNT_FAILURES: &str = concat!(
    "SELECT provider, model, day, failure, count(*) AS count",
    advice_of_period!(),
    "WHERE a.refused IS NULL AND a.failure IS NOT NULL
     GROUP BY GROUPING SETS ((failure), (provider, model, failure), (day, failure))
     ORDER BY failure"
);

#[derive(FromRow)]
struct Row {
    provider: Option<String>,
    model: Option<String>,
    day: Option<NaiveDate>,
    suggested: i64,
    failed: i64,
    stale: i64,
    refused: i64,
    raised: i64,
    compared: i64,
    agreed: i64,
    under: i64,
    stood: i64,
    stood_agreed: i64,
    stood_under: i64,
    decided: i64,
    overridden: i64,
    floor_overridden: i64,
    p50: Option<f64>,
    p95: Option<f64>,
}

#[derive(FromRow)]
struct FailureRow {
    provider: Option<String>,
    model: Option<String>,
    day: Option<NaiveDate>,
    failure: String,
    count: i64,
}

pub(super) async fn read(pool: &PgPool, asked: &Asked) -> Result<All, crate::problem::Problem> {
    macro_rules! ask {
        ($statement:expr, $row:ty) => {
            sqlx::query_as::<_, $row>($statement)
                .bind(asked.facility)
                .bind(asked.period.from)
                .bind(asked.period.to)
                .bind(&asked.model)
                .bind(&asked.departments)
                .bind(asked.department)
                .fetch_all(pool)
        };
    }
    let (rows, failures) = tokio::try_join!(ask!(COUNT, Row), ask!(COUNT_FAILURES, FailureRow))?;
    let mut by_group: BTreeMap<Group, Vec<FailureCount>> = BTreeMap::new();
    for row in failures {
        if let Ok(kind) = row.failure.parse() {
            let group = (row.provider, row.model, row.day);
            let count = row.count;
            let counts = by_group.entry(group).or_default();
            counts.push(FailureCount {
                kind: Word(kind),
                count,
            });
        }
    }
    let mut groups: BTreeMap<Group, Figures> = BTreeMap::new();
    for row in rows {
        let group = (row.provider.clone(), row.model.clone(), row.day);
        let failures = by_group.remove(&group).unwrap_or_default();
        groups.insert(group, figures(&row, failures));
    }
    let mut all = All::default();
    for (group, figures) in groups {
        match group {
            (Some(provider), Some(model), _) => all.models.push(ModelFigures {
                provider,
                model,
                figures,
            }),
            (_, _, Some(day)) => all.days.push(DayFigures { day, figures }),
            _ => all.total = figures,
        }
    }
    Ok(all)
}

fn figures(row: &Row, failures: Vec<FailureCount>) -> Figures {
    Figures {
        suggested: row.suggested,
        failed: row.failed,
        failures,
        stale_refused: row.stale,
        refused_otherwise: row.refused,
        raised: row.raised,
        clinicians: Comparison::new(row.compared, row.agreed, row.under),
        independent: Comparison::new(row.stood, row.stood_agreed, row.stood_under),
        override_rate: share(row.overridden, row.decided),
        floor_override_rate: share(row.floor_overridden, row.decided),
        latency_p50_ms: row.p50,
        latency_p95_ms: row.p95,
    }
}
