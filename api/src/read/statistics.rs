//! How the queues went in a period: figures without anybody's data.

use crate::read::period::{Period, share};
use crate::read::time::Instant;
use poem_openapi::Object;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// How the queues went, for patients who arrived in the period. No personal data.
#[derive(Debug, Object)]
pub struct Statistics {
    /// Not before.
    pub from: Instant,
    /// Before.
    pub to: Instant,
    /// All departments together.
    pub total: QueueFigures,
    /// Each department that had patients, by code.
    pub departments: Vec<DepartmentFigures>,
}

/// The figures of one department.
#[derive(Debug, Object)]
pub struct DepartmentFigures {
    /// Which.
    pub department_id: Uuid,
    /// Its token code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its figures.
    pub figures: QueueFigures,
}

/// How a queue went. A stay is one stop of one patient in one department.
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct QueueFigures {
    /// Stays that began.
    pub stays: i64,
    /// Of these, of level 1 to 5.
    pub levels: Vec<i64>,
    /// Finished.
    pub completed: i64,
    /// Went on to another department.
    pub transferred: i64,
    /// Called and did not come.
    pub no_shows: i64,
    /// Cancelled.
    pub cancelled: i64,
    /// Left without being seen.
    pub left_unseen: i64,
    /// Left, or went home, after the consultation had begun.
    pub left_later: i64,
    /// Swept at the end of the day.
    pub expired: i64,
    /// Not ended yet.
    pub open: i64,
    /// Share of stays that ended without being seen because the patient left, 0 to 1.
    pub left_unseen_share: Option<f64>,
    /// Stays of which the target of their level was passed before the patient was called, or left.
    pub targets_breached: i64,
    /// Share of these, 0 to 1.
    pub targets_breached_share: Option<f64>,
    /// Half of the called patients waited at most this long, minutes.
    pub wait_p50_minutes: Option<f64>,
    /// 95 of 100 called patients waited at most this long, minutes.
    pub wait_p95_minutes: Option<f64>,
    /// Half of the consultations took at most this long, minutes.
    pub consultation_p50_minutes: Option<f64>,
    /// Finished stays per hour of the period.
    pub completed_per_hour: Option<f64>,
}

/// Waiting is counted from the entry into the department to the first call. Stays that a sweep ended
/// have no times worth the name.
const COUNT: &str = "
    SELECT s.department_id, s.code, s.name,
           count(*) AS stays,
           ARRAY[count(*) FILTER (WHERE level = 1), count(*) FILTER (WHERE level = 2),
                 count(*) FILTER (WHERE level = 3), count(*) FILTER (WHERE level = 4),
                 count(*) FILTER (WHERE level = 5)] AS levels,
           count(*) FILTER (WHERE state = 'COMPLETED') AS completed,
           count(*) FILTER (WHERE state = 'TRANSFERRED') AS transferred,
           count(*) FILTER (WHERE state = 'NO_SHOW') AS no_shows,
           count(*) FILTER (WHERE state = 'CANCELLED') AS cancelled,
           count(*) FILTER (WHERE state = 'LEFT' AND started_at IS NULL) AS left_unseen,
           count(*) FILTER (WHERE state = 'LEFT' AND started_at IS NOT NULL) AS left_later,
           count(*) FILTER (WHERE state = 'EXPIRED') AS expired,
           count(*) FILTER (WHERE ended_at IS NULL) AS open,
           count(*) FILTER (WHERE NOT inaccurate AND waited > target) AS breached,
           count(*) FILTER (WHERE NOT inaccurate) AS accurate,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY waited)
               FILTER (WHERE called_at IS NOT NULL AND NOT inaccurate) AS wait_p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY waited)
               FILTER (WHERE called_at IS NOT NULL AND NOT inaccurate) AS wait_p95,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seen)
               FILTER (WHERE state = 'COMPLETED' AND NOT inaccurate) AS seen_p50
    FROM (SELECT g.*, d.code, d.settings->>'name' AS name,
                 EXTRACT(EPOCH FROM COALESCE(g.called_at, g.ended_at, now()) - g.entered_at)::float8 / 60
                     AS waited,
                 EXTRACT(EPOCH FROM g.ended_at - g.started_at)::float8 / 60 AS seen,
                 (d.settings->'target_minutes'->>(g.level - 1))::float8 AS target
          FROM visit v
          JOIN stage g ON g.visit_id = v.id
          JOIN department d ON d.id = g.department_id
          WHERE v.facility_id = $1 AND v.arrived_at >= $2 AND v.arrived_at < $3
            AND v.token_number IS NOT NULL
            AND ($4::uuid[] IS NULL OR g.department_id = ANY($4))
            AND ($5::uuid IS NULL OR g.department_id = $5)) AS s
    GROUP BY GROUPING SETS ((), (s.department_id, s.code, s.name))
    ORDER BY s.code";

#[derive(FromRow)]
struct Row {
    department_id: Option<Uuid>,
    code: Option<String>,
    name: Option<String>,
    stays: i64,
    levels: Vec<i64>,
    completed: i64,
    transferred: i64,
    no_shows: i64,
    cancelled: i64,
    left_unseen: i64,
    left_later: i64,
    expired: i64,
    open: i64,
    breached: i64,
    accurate: i64,
    wait_p50: Option<f64>,
    wait_p95: Option<f64>,
    seen_p50: Option<f64>,
}

/// Which queues.
pub struct Queues {
    /// The facility.
    pub facility: Uuid,
    /// Departments that the caller acts in; none for all.
    pub granted: Option<Vec<Uuid>>,
    /// One department only.
    pub department: Option<Uuid>,
}

/// Counts.
///
/// # Errors
/// The database does not answer.
pub async fn read(
    pool: &PgPool,
    queues: &Queues,
    period: Period,
) -> Result<Statistics, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(COUNT)
        .bind(queues.facility)
        .bind(period.from)
        .bind(period.to)
        .bind(&queues.granted)
        .bind(queues.department)
        .fetch_all(pool)
        .await?;
    let hours = (period.to - period.from).as_seconds_f64() / 3600.0;
    let mut statistics = Statistics {
        from: period.from.into(),
        to: period.to.into(),
        total: QueueFigures::default(),
        departments: Vec::new(),
    };
    for row in rows {
        let figures = figures(&row, hours);
        match row.department_id {
            None => statistics.total = figures,
            Some(department_id) => statistics.departments.push(DepartmentFigures {
                department_id,
                code: row.code.unwrap_or_default(),
                name: row.name.unwrap_or_default(),
                figures,
            }),
        }
    }
    Ok(statistics)
}

fn figures(row: &Row, hours: f64) -> QueueFigures {
    let ended = row.stays - row.open;
    QueueFigures {
        stays: row.stays,
        levels: row.levels.clone(),
        completed: row.completed,
        transferred: row.transferred,
        no_shows: row.no_shows,
        cancelled: row.cancelled,
        left_unseen: row.left_unseen,
        left_later: row.left_later,
        expired: row.expired,
        open: row.open,
        left_unseen_share: share(row.left_unseen, ended),
        targets_breached: row.breached,
        targets_breached_share: share(row.breached, row.accurate),
        wait_p50_minutes: row.wait_p50.map(tenths),
        wait_p95_minutes: row.wait_p95.map(tenths),
        consultation_p50_minutes: row.seen_p50.map(tenths),
        completed_per_hour: (hours > 0.0).then(|| tenths(row.completed as f64 / hours)),
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
