//! ⑥ Writes a plan: one set-based statement per table, and the fence last.

mod hospital;
mod keys;
mod outcomes;
mod records;
mod stages;
mod triage;
mod visits;

use super::plan::Plan;
use super::seal::Seals;
use chrono::{DateTime, Utc};
use medique_platform::privacy::PrivacyError;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Why a plan was not written. In each case the transaction is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The database said no.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Another owner took a partition over.
    #[error("a partition has another owner")]
    Fenced,
    /// A visit was changed behind its lock; a bug.
    #[error("{table}: {expected} rows expected, {actual} written")]
    RowCount {
        /// Table.
        table: &'static str,
        /// Rows that the plan holds.
        expected: u64,
        /// Rows that the statement touched.
        actual: u64,
    },
    /// A text could not be sealed.
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
    /// A value that JSON cannot hold.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Writes everything and returns the ids of the outbox rows, in order.
///
/// # Errors
/// See [`WriteError`].
pub async fn write(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
    decided_at: DateTime<Utc>,
) -> Result<Vec<i64>, WriteError> {
    hospital::write(connection, plan).await?;
    visits::write(connection, plan, seals).await?;
    triage::write(connection, plan, seals).await?;
    keys::destroy(connection, plan, decided_at).await?;
    dead_letters(connection, plan, seals).await?;
    redriven(connection, plan).await?;
    let outbox_ids = outcomes::write(connection, plan, seals, decided_at).await?;
    fence(connection, plan).await?;
    Ok(outbox_ids)
}

/// Demands that a statement touched as many rows as the plan holds: an update that hits nothing is
/// an error, not a silence.
fn expect_rows(table: &'static str, expected: usize, actual: u64) -> Result<(), WriteError> {
    let expected = expected as u64;
    if expected == actual {
        Ok(())
    } else {
        Err(WriteError::RowCount {
            table,
            expected,
            actual,
        })
    }
}

async fn dead_letters(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
) -> Result<(), WriteError> {
    for letter in &plan.dead_letters {
        // The same stored message is parked once, even when a cursor was set back by hand.
        sqlx::query(
            "INSERT INTO dead_letter (id, command_id, facility_id, partition, seq, subject, headers, \
                                      payload, reason, parked_at, visit_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        )
        .bind(letter.id)
        .bind(letter.command_id.map(|id| id.0))
        .bind(letter.facility_id.map(|id| id.0))
        .bind(letter.partition)
        .bind(letter.seq)
        .bind(&letter.subject)
        .bind(&letter.headers)
        .bind(seals.dead_letter(letter.facility_id.map(|id| id.0), &letter.payload)?)
        .bind(&letter.reason)
        .bind(letter.parked_at)
        .bind(letter.visit_id.map(|id| id.0))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Marks the dead letters whose copies the batch holds. A second copy finds its letter marked.
async fn redriven(connection: &mut PgConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    if plan.redriven.is_empty() {
        return Ok(());
    }
    let asked = || plan.redriven.values();
    sqlx::query(
        "UPDATE dead_letter AS d \
            SET state = 'redriven', resolved_at = x.at, resolved_by = x.by, resolution = x.reason \
           FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS x(id, at, by, reason) \
          WHERE d.id = x.id AND d.state = 'parked'",
    )
    .bind(plan.redriven.keys().copied().collect::<Vec<_>>())
    .bind(asked().map(|(_, at)| *at).collect::<Vec<_>>())
    .bind(asked().map(|(asked, _)| asked.by.as_str()).collect::<Vec<_>>())
    .bind(asked().map(|(asked, _)| asked.reason.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// Moves the cursors, if this process still owns the partitions; otherwise nothing of the batch
/// may stand. A worker that was paused and overtaken fails here.
async fn fence(connection: &mut PgConnection, plan: &Plan) -> Result<(), WriteError> {
    let before: BTreeMap<_, _> = plan.before.iter().collect();
    let pairs: Vec<_> = plan
        .after
        .iter()
        .filter_map(|(id, after)| Some((*id, *before.get(id)?, after)))
        .collect();
    let moved = sqlx::query(
        "UPDATE partition AS p \
            SET last_seq = x.new_seq, processed = p.processed + x.messages, \
                chain_seq = x.chain_seq, chain_head = x.chain_head \
           FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], \
                       $6::bigint[], $7::bytea[]) \
             AS x(id, epoch, old_seq, new_seq, messages, chain_seq, chain_head) \
          WHERE p.id = x.id AND p.epoch = x.epoch AND p.last_seq = x.old_seq",
    )
    .bind(pairs.iter().map(|(id, _, _)| *id).collect::<Vec<_>>())
    .bind(
        pairs
            .iter()
            .map(|(_, old, _)| old.epoch)
            .collect::<Vec<_>>(),
    )
    .bind(
        pairs
            .iter()
            .map(|(_, old, _)| old.last_seq)
            .collect::<Vec<_>>(),
    )
    .bind(
        pairs
            .iter()
            .map(|(_, _, new)| new.last_seq)
            .collect::<Vec<_>>(),
    )
    .bind(
        pairs
            .iter()
            .map(|(id, _, _)| plan.counts.get(id).copied().unwrap_or(0))
            .collect::<Vec<_>>(),
    )
    .bind(
        pairs
            .iter()
            .map(|(_, _, new)| new.chain_seq)
            .collect::<Vec<_>>(),
    )
    .bind(
        pairs
            .iter()
            .map(|(_, _, new)| new.chain_head.as_slice())
            .collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    if moved.rows_affected() == pairs.len() as u64 {
        Ok(())
    } else {
        Err(WriteError::Fenced)
    }
}
