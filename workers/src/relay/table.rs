//! The outbox table.

use super::{Row, telling};
use crate::lane::OutboxRow;
use medique_contracts::ids::{EventId, VisitId};
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

/// Deletes rows whose events the broker has stored. Does not wait for the disk: a row that comes
/// back after a power cut is published once more, under the same id.
pub(super) async fn delete(pool: &PgPool, ids: &[i64]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH lazily AS (SELECT set_config('synchronous_commit', 'off', true)) \
         DELETE FROM outbox USING lazily WHERE id = ANY($1)",
    )
    .bind(ids)
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether an earlier event of the visit is yet to be published.
pub(super) async fn earlier_unpublished(
    pool: &PgPool,
    visit: VisitId,
    version: i64,
) -> Result<bool, sqlx::Error> {
    sqlx::query("SELECT EXISTS (SELECT 1 FROM outbox WHERE visit_id = $1 AND version < $2)")
        .bind(visit.0)
        .bind(version)
        .fetch_one(pool)
        .await?
        .try_get(0)
}

/// The oldest rows of the partitions, in commit order of each. A row may have to wait when another
/// relay's row is about the same visit; the wait finds out which of them is first.
pub(super) async fn read(
    pool: &PgPool,
    partitions: &[i16],
    limit: usize,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT o.id, o.event_id, o.partition, o.visit_id, o.version, o.subject, o.payload, \
                COALESCE(o.visit_id IN (SELECT e.visit_id FROM outbox e \
                                         WHERE e.partition <> ALL($1)), false) AS waits_for_others \
           FROM outbox o WHERE o.partition = ANY($1) ORDER BY o.id LIMIT $2",
    )
    .bind(partitions)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let outbox = OutboxRow {
                event_id: EventId(row.try_get("event_id")?),
                partition: row.try_get("partition")?,
                visit_id: row.try_get::<Option<Uuid>, _>("visit_id")?.map(VisitId),
                version: row.try_get("version")?,
                subject: row.try_get("subject")?,
                payload: row.try_get::<String, _>("payload")?.into_bytes(),
                waits_for_others: row.try_get("waits_for_others")?,
                cause: None,
                committed_at: None,
            };
            let cause = telling::cause_in(&outbox.payload);
            let outbox = OutboxRow { cause, ..outbox };
            Ok((row.try_get("id")?, outbox))
        })
        .collect()
}
