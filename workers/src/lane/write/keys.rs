//! Data keys: made with a visit, destroyed with the person.

use super::{WriteError, expect_rows};
use crate::lane::plan::Plan;
use crate::lane::seal::Seals;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub(super) async fn write(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
    decided_at: DateTime<Utc>,
) -> Result<(), WriteError> {
    insert(connection, seals).await?;
    destroy(connection, plan, decided_at).await
}

async fn insert(connection: &mut PgConnection, seals: &Seals) -> Result<(), WriteError> {
    if seals.new_keys.is_empty() {
        return Ok(());
    }
    let keys = || seals.new_keys.iter();
    sqlx::query(
        "INSERT INTO visit_key (visit_id, wrapped_key, master_key_id) \
         SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[])",
    )
    .bind(keys().map(|(visit, _)| visit.0).collect::<Vec<_>>())
    .bind(
        keys()
            .map(|(_, key)| key.bytes.as_slice())
            .collect::<Vec<_>>(),
    )
    .bind(
        keys()
            .map(|(_, key)| key.master_key_id.as_str())
            .collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Erases: without the key, what the audit trail and the notes hold is noise. What was parked
/// about the visit goes as well.
async fn destroy(
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
