//! ⑥ Writes a plan: one set-based statement per table, and the fence last.

mod hospital;
mod keys;
mod records;
mod triage;
mod visits;

use super::plan::{InboxRow, OutboxRow, Plan};
use super::seal::Seals;
use chrono::{DateTime, Utc};
use medique_contracts::ids::CommandId;
use medique_platform::privacy::PrivacyError;
use sqlx::{PgConnection, Row};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

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
    keys::write(connection, plan, seals, decided_at).await?;
    inbox(connection, plan, decided_at).await?;
    dead_letters(connection, plan, seals).await?;
    audit(connection, plan, seals).await?;
    let outbox_ids = outbox(connection, &plan.outbox).await?;
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

type Decided<'a> = (&'a CommandId, &'a InboxRow);

macro_rules! insert_outcomes {
    ($on_conflict:literal) => {
        concat!(
            "INSERT INTO inbox (command_id, kind, actor, fingerprint, partition, seq, outcome, visit_id, \
                            trace_id, accepted_at, decided_at) \
         SELECT id, kind, actor, fingerprint, p, seq, outcome::jsonb, visit_id, trace_id, accepted_at, $11 \
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], \
                       $7::text[], $8::uuid[], $9::text[], $10::timestamptz[]) \
             AS x(id, kind, actor, fingerprint, p, seq, outcome, visit_id, trace_id, accepted_at)",
            $on_conflict
        )
    };
}

const INSERT_OUTCOMES: &str = insert_outcomes!("");
/// A redriven dead letter gets its real outcome; no other outcome is ever replaced.
const REPLACE_DEAD_LETTERS: &str = insert_outcomes!(
    " ON CONFLICT (command_id) DO UPDATE \
            SET outcome = excluded.outcome, seq = excluded.seq, partition = excluded.partition, \
                visit_id = excluded.visit_id, decided_at = excluded.decided_at \
          WHERE inbox.outcome->>'status' = 'dead_lettered'"
);

async fn inbox(
    connection: &mut PgConnection,
    plan: &Plan,
    decided_at: DateTime<Utc>,
) -> Result<(), WriteError> {
    let (again, first): (Vec<Decided<'_>>, Vec<Decided<'_>>) =
        plan.inbox.iter().partition(|(_, row)| row.redriven);
    outcomes(connection, REPLACE_DEAD_LETTERS, &again, decided_at).await?;
    outcomes(connection, INSERT_OUTCOMES, &first, decided_at).await
}

async fn outcomes(
    connection: &mut PgConnection,
    statement: &'static str,
    decided: &[Decided<'_>],
    decided_at: DateTime<Utc>,
) -> Result<(), WriteError> {
    if decided.is_empty() {
        return Ok(());
    }
    let rows = || decided.iter().map(|(_, row)| *row);
    let outcomes = rows()
        .map(|row| serde_json::to_string(&row.outcome))
        .collect::<Result<Vec<_>, _>>()?;
    let written = sqlx::query(statement)
        .bind(decided.iter().map(|(id, _)| id.0).collect::<Vec<_>>())
        .bind(rows().map(|row| row.kind.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.actor.as_str()).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| row.fingerprint.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.partition).collect::<Vec<_>>())
        .bind(rows().map(|row| row.seq).collect::<Vec<_>>())
        .bind(outcomes)
        .bind(
            rows()
                .map(|row| row.visit_id.map(|id| id.0))
                .collect::<Vec<_>>(),
        )
        .bind(
            rows()
                .map(|row| row.trace_id.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.accepted_at).collect::<Vec<_>>())
        .bind(decided_at)
        .execute(connection)
        .await?;
    expect_rows("inbox", decided.len(), written.rows_affected())
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

async fn audit(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
) -> Result<(), sqlx::Error> {
    if plan.audit.is_empty() {
        return Ok(());
    }
    let rows = || plan.audit.iter();
    sqlx::query(
        "INSERT INTO audit (partition, chain_seq, event_id, prev_hash, hash, facility_id, department_id, \
                            visit_id, version, event_type, actor, command_id, occurred_at, trace_id, \
                            facts, detail) \
         SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::bytea[], $5::bytea[], \
                              $6::uuid[], $7::uuid[], $8::uuid[], $9::bigint[], $10::text[], $11::text[], \
                              $12::uuid[], $13::timestamptz[], $14::text[], $15::text[], $16::text[])",
    )
    .bind(rows().map(|row| row.partition).collect::<Vec<_>>())
    .bind(rows().map(|row| row.chain_seq).collect::<Vec<_>>())
    .bind(rows().map(|row| row.event_id).collect::<Vec<_>>())
    .bind(seals.hashes.iter().map(|(prev, _)| prev.as_slice()).collect::<Vec<_>>())
    .bind(seals.hashes.iter().map(|(_, hash)| hash.as_slice()).collect::<Vec<_>>())
    .bind(rows().map(|row| row.facility_id).collect::<Vec<_>>())
    .bind(rows().map(|row| row.department_id).collect::<Vec<_>>())
    .bind(rows().map(|row| row.visit_id).collect::<Vec<_>>())
    .bind(rows().map(|row| row.version).collect::<Vec<_>>())
    .bind(rows().map(|row| row.event_type.as_str()).collect::<Vec<_>>())
    .bind(rows().map(|row| row.actor.as_str()).collect::<Vec<_>>())
    .bind(rows().map(|row| row.command_id).collect::<Vec<_>>())
    .bind(rows().map(|row| row.occurred_at).collect::<Vec<_>>())
    .bind(rows().map(|row| row.trace_id.as_deref()).collect::<Vec<_>>())
    .bind(rows().map(|row| row.facts.as_str()).collect::<Vec<_>>())
    .bind(rows().map(|row| row.detail.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

async fn outbox(
    connection: &mut PgConnection,
    outbox: &[OutboxRow],
) -> Result<Vec<i64>, WriteError> {
    if outbox.is_empty() {
        return Ok(Vec::new());
    }
    let payloads: Vec<_> = outbox
        .iter()
        .map(|row| String::from_utf8_lossy(&row.payload))
        .collect();
    let written = sqlx::query(
        "INSERT INTO outbox (event_id, partition, visit_id, version, subject, payload) \
         SELECT event_id, p, visit_id, version, subject, payload \
           FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bigint[], $5::text[], $6::text[]) \
                WITH ORDINALITY AS x(event_id, p, visit_id, version, subject, payload, place) \
          ORDER BY place RETURNING id, event_id",
    )
    .bind(outbox.iter().map(|row| row.event_id.0).collect::<Vec<_>>())
    .bind(outbox.iter().map(|row| row.partition).collect::<Vec<_>>())
    .bind(outbox.iter().map(|row| row.visit_id.map(|id| id.0)).collect::<Vec<_>>())
    .bind(outbox.iter().map(|row| row.version).collect::<Vec<_>>())
    .bind(outbox.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>())
    .bind(payloads)
    .fetch_all(connection)
    .await?;
    expect_rows("outbox", outbox.len(), written.len() as u64)?;
    let ids = written
        .iter()
        .map(|row| Ok((row.try_get::<Uuid, _>(1)?, row.try_get::<i64, _>(0)?)))
        .collect::<Result<HashMap<_, _>, sqlx::Error>>()?;
    Ok(outbox
        .iter()
        .filter_map(|row| ids.get(&row.event_id.0).copied())
        .collect())
}

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
