//! How this worker finds the adviser, written down for operators.

use medique_platform::ai::{Client, Status};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is written at least: readers take a row that is older than a minute for gone.
const EVERY: Duration = Duration::from_secs(10);
/// Pause after a change: a breaker that flutters does not flood the database.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);

/// Writes it whenever the breaker changes, and now and then.
pub(super) async fn tell(pool: PgPool, worker_id: String, client: Client, stop: CancellationToken) {
    let mut changes = client.breaker_changes();
    loop {
        changes.mark_unchanged();
        if let Err(error) = write(&pool, &worker_id, &client.status()).await {
            tracing::debug!(%error, "state of the adviser not written");
        }
        let pause = async {
            tokio::time::sleep(AT_MOST_EVERY).await;
            // the client outlives this loop; if it did not, there would be nothing to tell
            let _ = tokio::time::timeout(EVERY, changes.changed()).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = pause => {}
        }
    }
}

/// Rows of workers that are long gone go with it.
async fn write(pool: &PgPool, worker_id: &str, status: &Status) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH gone AS (DELETE FROM adviser_state WHERE seen_at < now() - interval '1 day' AND worker_id <> $1) \
         INSERT INTO adviser_state (worker_id, provider, model, breaker, since, calls, failures, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, now()) \
         ON CONFLICT (worker_id) DO UPDATE SET provider = excluded.provider, model = excluded.model, \
             breaker = excluded.breaker, since = excluded.since, calls = excluded.calls, \
             failures = excluded.failures, seen_at = excluded.seen_at",
    )
    .bind(worker_id)
    .bind(status.source.provider)
    .bind(&status.source.model)
    .bind(status.breaker.state.as_str())
    .bind(status.breaker.since)
    .bind(i64::try_from(status.counts.calls).unwrap_or(i64::MAX))
    .bind(i64::try_from(status.counts.failures()).unwrap_or(i64::MAX))
    .execute(pool)
    .await?;
    Ok(())
}
