//! Sessions that nobody comes back to end here, so that the audit says when; and what is long over
//! is forgotten.

use super::end::{self, EndReason, Ended, Ending};
use crate::app::Shared;
use crate::auth::transact;
use crate::problem::Problem;
use sqlx::PgConnection;
use std::time::Duration;

/// Pause between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Sessions ended in one transaction.
const AT_ONCE: i64 = 200;
/// Days for which an ended session is kept: what its owner may want to look up.
const KEPT_DAYS: i32 = 30;

/// Several replicas sweep; each takes what no other has.
const END_OVER: &str = "
    UPDATE session SET ended_at = now(), end_reason = $1
    WHERE id IN (SELECT id FROM session
                 WHERE ended_at IS NULL AND idle_until < $2 AND (expires_at < $2) = $3
                 LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, staff_id, facility_id";

const FORGET: &str = "
    DELETE FROM session
    WHERE id IN (SELECT id FROM session WHERE ended_at < now() - make_interval(days => $1)
                 LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Sweeps as long as requests are served.
pub async fn watch(app: Shared) {
    let ends = app.served.clone();
    loop {
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            () = ends.cancelled() => return,
        }
        if let Err(problem) = sweep(&app).await {
            tracing::debug!(%problem, "sessions could not be swept");
        }
    }
}

/// Ends what is over and forgets what is long over.
///
/// # Errors
/// `database_unavailable`.
pub async fn sweep(app: &Shared) -> Result<(), Problem> {
    transact(&app.pool, |connection| {
        Box::pin(async move {
            for (reason, expired) in [(EndReason::Idle, false), (EndReason::Expired, true)] {
                end_over(connection, reason, expired).await?;
            }
            sqlx::query(FORGET)
                .bind(KEPT_DAYS)
                .bind(AT_ONCE)
                .execute(connection)
                .await?;
            Ok(())
        })
    })
    .await
}

async fn end_over(
    connection: &mut PgConnection,
    reason: EndReason,
    expired: bool,
) -> Result<(), sqlx::Error> {
    let ended: Vec<Ended> = sqlx::query_as(END_OVER)
        .bind(reason.as_str())
        .bind(medique_platform::clock::now())
        .bind(expired)
        .bind(AT_ONCE)
        .fetch_all(&mut *connection)
        .await?;
    let ending = Ending {
        reason,
        by: Some("system:sessions"),
        trace_id: None,
    };
    end::tell(connection, &ended, &ending).await
}
