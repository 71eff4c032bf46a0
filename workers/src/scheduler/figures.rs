//! What is counted in the database, told as metrics: queues, outbox, parked commands, backups.
//!
//! Each process that runs the scheduler asks, and all get the same answers: whoever reads them takes
//! the greatest (docs/operations/observability.md). A process that cannot ask any more tells nothing
//! rather than what was.

use chrono::{DateTime, Utc};
use medique_contracts::subjects::COMMANDS_STREAM;
use medique_platform::bus::Bus;
use medique_platform::clock;
use medique_platform::telemetry::metrics::catalogue::{
    BACKUP_LAST_SUCCESS, OUTBOX_AGE, OUTBOX_DEPTH, PARKED, QUEUE_BREACHED, QUEUE_DEPTH,
    QUEUE_LONGEST_WAIT, UNDECIDED,
};
use sqlx::{FromRow, PgPool, Row as _};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is asked.
const EVERY: Duration = Duration::from_secs(5);
/// Longest time that one round may take.
const ROUND_MAX: Duration = Duration::from_secs(4);

/// Tells until `stop`.
pub(super) async fn tell(pool: &PgPool, bus: &Bus, stop: &CancellationToken) {
    loop {
        let round = async { tokio::join!(totals(pool, bus), queues(pool), backups(pool)) };
        let (totals, queues, backups) = tokio::time::timeout(ROUND_MAX, round)
            .await
            .unwrap_or_else(|_| {
                let late = || Err(sqlx::Error::PoolTimedOut);
                (late(), late(), late())
            });
        for (what, told) in [("totals", totals), ("queues", queues), ("backups", backups)] {
            if let Err(error) = told {
                tracing::debug!(what, %error, "figures not read");
                forget(what);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn forget(what: &str) {
    let gauges: &[_] = match what {
        "totals" => &[&PARKED, &OUTBOX_DEPTH, &OUTBOX_AGE, &UNDECIDED],
        "queues" => &[&QUEUE_DEPTH, &QUEUE_LONGEST_WAIT, &QUEUE_BREACHED],
        _ => &[&BACKUP_LAST_SUCCESS],
    };
    gauges.iter().for_each(|gauge| gauge.replace([]));
}

#[derive(FromRow)]
struct Totals {
    parked: i64,
    outbox: i64,
    /// When the oldest event in the outbox happened, by the broker's clock.
    oldest: Option<DateTime<Utc>>,
    processed: i64,
}

async fn totals(pool: &PgPool, bus: &Bus) -> Result<(), sqlx::Error> {
    let totals: Totals = sqlx::query_as(
        "SELECT (SELECT count(*) FROM dead_letter WHERE state = 'parked') AS parked, \
                (SELECT count(*) FROM outbox) AS outbox, \
                (SELECT (payload::json->>'time')::timestamptz FROM outbox ORDER BY id LIMIT 1) AS oldest, \
                (SELECT sum(processed)::bigint FROM partition) AS processed",
    )
    .fetch_one(pool)
    .await?;
    let age = totals.oldest.map(|oldest| clock::now() - oldest);
    let age = age.and_then(|age| age.to_std().ok()).unwrap_or_default();
    PARKED.set(totals.parked as f64, []);
    OUTBOX_DEPTH.set(totals.outbox as f64, []);
    OUTBOX_AGE.set(age.as_secs_f64(), []);
    match bus.stream_state(COMMANDS_STREAM).await {
        Ok(state) => {
            let processed = totals.processed.unsigned_abs();
            UNDECIDED.set(state.last_seq.saturating_sub(processed) as f64, []);
        }
        Err(error) => {
            tracing::debug!(%error, "the stream was not looked at");
            UNDECIDED.replace([]);
        }
    }
    Ok(())
}

/// Departments in which nobody waits are told too: a line that ends at 0 is not one that is missing.
async fn queues(pool: &PgPool) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT f.code AS facility, d.code AS department, l.level, count(s.visit_id) AS depth, \
                COALESCE(extract(epoch FROM now() - min(s.queued_since)), 0)::float8 AS longest, \
                count(*) FILTER (WHERE s.queued_since < now() - interval '1 minute' * \
                  (d.settings->'target_minutes'->>(l.level - 1))::int) AS breached \
           FROM department d JOIN facility f ON f.id = d.facility_id \
          CROSS JOIN generate_series(1, 5) AS l(level) \
           LEFT JOIN stage s ON s.department_id = d.id AND s.level = l.level \
                            AND s.state IN ('WAITING', 'URGENT') \
          GROUP BY f.code, d.code, l.level",
    )
    .fetch_all(pool)
    .await?;
    let (mut depths, mut waits, mut breaches) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let level: i32 = row.try_get("level")?;
        let labels = vec![
            row.try_get("facility")?,
            row.try_get("department")?,
            level.to_string(),
        ];
        let (depth, breached): (i64, i64) = (row.try_get("depth")?, row.try_get("breached")?);
        depths.push((labels.clone(), depth as f64));
        waits.push((labels.clone(), row.try_get("longest")?));
        breaches.push((labels, breached as f64));
    }
    QUEUE_DEPTH.replace(depths);
    QUEUE_LONGEST_WAIT.replace(waits);
    QUEUE_BREACHED.replace(breaches);
    Ok(())
}

/// The table is there once its migration ran, which may be after this build started.
async fn backups(pool: &PgPool) -> Result<(), sqlx::Error> {
    let exists: bool = sqlx::query_scalar("SELECT to_regclass('backup_run') IS NOT NULL")
        .fetch_one(pool)
        .await?;
    if !exists {
        BACKUP_LAST_SUCCESS.replace([]);
        return Ok(());
    }
    let rows = sqlx::query(
        "SELECT kind, extract(epoch FROM max(finished_at))::float8 AS at FROM backup_run \
          WHERE error IS NULL AND finished_at IS NOT NULL GROUP BY kind",
    )
    .fetch_all(pool)
    .await?;
    let mut told = Vec::new();
    for row in &rows {
        told.push((vec![row.try_get("kind")?], row.try_get("at")?));
    }
    BACKUP_LAST_SUCCESS.replace(told);
    Ok(())
}
