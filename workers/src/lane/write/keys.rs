//! Data keys: made with a visit (see `visits`), destroyed with the person.

use super::{WriteError, expect_rows};
use crate::lane::plan::Plan;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Erases: without the key, what the audit trail and the notes hold is noise. What was parked
/// about the visit goes as well.
pub(super) async fn destroy(
    connection: &mut PgConnection,
    plan: &Plan,
    decided_at: DateTime<Utc>,
) -> Result<(), WriteError> {
    if plan.erased.is_empty() {
        return Ok(());
    }
    let visits: Vec<_> = plan.erased.iter().map(|visit| visit.0).collect();
    let written = sqlx::query(
        "UPDATE visit_key SET wrapped_key = NULL, destroyed_at = $2 WHERE visit_id = ANY($1)",
    )
    .bind(&visits)
    .bind(decided_at)
    .execute(&mut *connection)
    .await?;
    expect_rows("visit_key", visits.len(), written.rows_affected())?;
    sqlx::query("UPDATE dead_letter SET payload = '' WHERE visit_id = ANY($1)")
        .bind(&visits)
        .execute(&mut *connection)
        .await?;
    // Short complaints can be guessed, and a guess be confirmed by its hash.
    sqlx::query("UPDATE triage_advice SET input_hash = NULL WHERE visit_id = ANY($1)")
        .bind(&visits)
        .execute(connection)
        .await?;
    Ok(())
}
