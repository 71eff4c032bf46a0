//! What came of each command: its outcome, its audit rows and the events to publish, in one
//! statement, which costs less than three.

use super::{Statement, WriteError, expect_rows};
use crate::lane::plan::{InboxRow, OutboxRow, Plan};
use crate::lane::seal::Seals;
use chrono::{DateTime, Utc};
use medique_contracts::ids::CommandId;
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use uuid::Uuid;

type Decided<'a> = (&'a CommandId, &'a InboxRow);

/// Takes the parameters 1 to 11 ([`bind_inbox`]).
macro_rules! insert_inbox {
    () => {
        "INSERT INTO inbox (command_id, kind, actor, fingerprint, partition, seq, outcome, visit_id, \
                            trace_id, accepted_at, decided_at) \
         SELECT id, kind, actor, fingerprint, p, seq, outcome::jsonb, visit_id, trace_id, accepted_at, $11 \
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], \
                       $7::text[], $8::uuid[], $9::text[], $10::timestamptz[]) \
             AS x(id, kind, actor, fingerprint, p, seq, outcome, visit_id, trace_id, accepted_at)"
    };
}

const INSERT: &str = concat!(
    "WITH decided AS (",
    insert_inbox!(),
    "), audited AS ( \
         INSERT INTO audit (partition, chain_seq, event_id, prev_hash, hash, facility_id, department_id, \
                            visit_id, version, event_type, actor, command_id, occurred_at, trace_id, \
                            facts, detail) \
         SELECT * FROM unnest($12::smallint[], $13::bigint[], $14::uuid[], $15::bytea[], $16::bytea[], \
                              $17::uuid[], $18::uuid[], $19::uuid[], $20::bigint[], $21::text[], $22::text[], \
                              $23::uuid[], $24::timestamptz[], $25::text[], $26::text[], $27::text[])) \
     INSERT INTO outbox (event_id, partition, visit_id, version, subject, payload) \
     SELECT event_id, p, visit_id, version, subject, payload \
       FROM unnest($28::uuid[], $29::smallint[], $30::uuid[], $31::bigint[], $32::text[], $33::text[]) \
            WITH ORDINALITY AS x(event_id, p, visit_id, version, subject, payload, place) \
      ORDER BY place RETURNING id, event_id"
);
/// A redriven dead letter gets its real outcome; no other outcome is ever replaced.
const REPLACE_DEAD_LETTERS: &str = concat!(
    insert_inbox!(),
    " ON CONFLICT (command_id) DO UPDATE \
            SET outcome = excluded.outcome, seq = excluded.seq, partition = excluded.partition, \
                visit_id = excluded.visit_id, decided_at = excluded.decided_at \
          WHERE inbox.outcome->>'status' = 'dead_lettered'"
);

/// Returns the ids of the outbox rows, in order.
pub(super) async fn write(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
    decided_at: DateTime<Utc>,
) -> Result<Vec<i64>, WriteError> {
    let (again, first): (Vec<Decided<'_>>, Vec<Decided<'_>>) =
        plan.inbox.iter().partition(|(_, row)| row.redriven);
    if !again.is_empty() {
        let replaced = bind_inbox(sqlx::query(REPLACE_DEAD_LETTERS), &again, decided_at)?
            .execute(&mut *connection)
            .await?;
        expect_rows("inbox", again.len(), replaced.rows_affected())?;
    }
    if first.is_empty() && plan.audit.is_empty() && plan.outbox.is_empty() {
        return Ok(Vec::new());
    }
    let insert = bind_inbox(sqlx::query(INSERT), &first, decided_at)?;
    let insert = bind_outbox(bind_audit(insert, plan, seals), &plan.outbox);
    let written = insert.fetch_all(connection).await?;
    expect_rows("outbox", plan.outbox.len(), written.len() as u64)?;
    let ids = written
        .iter()
        .map(|row| Ok((row.try_get::<Uuid, _>(1)?, row.try_get::<i64, _>(0)?)))
        .collect::<Result<HashMap<_, _>, sqlx::Error>>()?;
    let id = |row: &OutboxRow| ids.get(&row.event_id.0).copied();
    Ok(plan.outbox.iter().filter_map(id).collect())
}

fn bind_inbox<'q>(
    statement: Statement<'q>,
    decided: &[Decided<'q>],
    decided_at: DateTime<Utc>,
) -> Result<Statement<'q>, serde_json::Error> {
    let rows = || decided.iter().map(|(_, row)| *row);
    let outcomes = rows()
        .map(|row| serde_json::to_string(&row.outcome))
        .collect::<Result<Vec<_>, _>>()?;
    let visits = rows().map(|row| row.visit_id.map(|id| id.0));
    Ok(statement
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
        .bind(visits.collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| row.trace_id.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.accepted_at).collect::<Vec<_>>())
        .bind(decided_at))
}

fn bind_audit<'q>(statement: Statement<'q>, plan: &'q Plan, seals: &'q Seals) -> Statement<'q> {
    let rows = || plan.audit.iter();
    let hashes = || seals.hashes.iter();
    statement
        .bind(rows().map(|row| row.partition).collect::<Vec<_>>())
        .bind(rows().map(|row| row.chain_seq).collect::<Vec<_>>())
        .bind(rows().map(|row| row.event_id).collect::<Vec<_>>())
        .bind(
            hashes()
                .map(|(before, _)| before.as_slice())
                .collect::<Vec<_>>(),
        )
        .bind(
            hashes()
                .map(|(_, hash)| hash.as_slice())
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.facility_id).collect::<Vec<_>>())
        .bind(rows().map(|row| row.department_id).collect::<Vec<_>>())
        .bind(rows().map(|row| row.visit_id).collect::<Vec<_>>())
        .bind(rows().map(|row| row.version).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| row.event_type.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.actor.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.command_id).collect::<Vec<_>>())
        .bind(rows().map(|row| row.occurred_at).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| row.trace_id.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.facts.as_str()).collect::<Vec<_>>())
        .bind(rows().map(|row| row.detail.as_deref()).collect::<Vec<_>>())
}

fn bind_outbox<'q>(statement: Statement<'q>, outbox: &'q [OutboxRow]) -> Statement<'q> {
    let rows = || outbox.iter();
    let payloads = rows().map(|row| String::from_utf8_lossy(&row.payload));
    statement
        .bind(rows().map(|row| row.event_id.0).collect::<Vec<_>>())
        .bind(rows().map(|row| row.partition).collect::<Vec<_>>())
        .bind(
            rows()
                .map(|row| row.visit_id.map(|id| id.0))
                .collect::<Vec<_>>(),
        )
        .bind(rows().map(|row| row.version).collect::<Vec<_>>())
        .bind(rows().map(|row| row.subject.as_str()).collect::<Vec<_>>())
        .bind(payloads.collect::<Vec<_>>())
}
