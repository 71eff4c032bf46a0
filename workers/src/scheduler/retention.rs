//! Trims what is no longer needed: decided commands older than the retention, outcomes and
//! settled mails older than 30 days. Accepted work never ages out: the cursors bound what may go.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::subjects;
use medique_platform::bus::Bus;
use medique_platform::clock;
use sqlx::{PgPool, Row};
use std::time::Duration;

/// Most outcomes deleted in one go, so that the statement stays short.
const INBOX_ROWS_MAX: i64 = 5000;

/// Purges COMMANDS up to the newest message that every partition is past and that is older than
/// `retention`; returns how many messages went.
pub(super) async fn trim_commands(
    pool: &PgPool,
    bus: &Bus,
    retention: Duration,
) -> anyhow::Result<u64> {
    let state = bus.stream_state(subjects::COMMANDS_STREAM).await?;
    let Some(limit) = decided_before(pool, bus, state.last_seq).await? else {
        return Ok(0);
    };
    let keep_from =
        clock::now() - TimeDelta::from_std(retention).context("MEDIQUE_COMMANDS_RETENTION_S")?;
    let first_kept = first_stored_since(bus, state.first_seq, limit, keep_from).await?;
    if first_kept <= state.first_seq {
        return Ok(0);
    }
    Ok(bus.purge_commands_before(first_kept).await?)
}

/// The first sequence that may not be decided yet: every message before it is behind its
/// partition's cursor. A partition in which nothing waits must not hold the others back, so the
/// newest message of each is compared with its cursor.
async fn decided_before(pool: &PgPool, bus: &Bus, last_seq: u64) -> anyhow::Result<Option<u64>> {
    let rows = sqlx::query("SELECT id, last_seq FROM partition ORDER BY id")
        .fetch_all(pool)
        .await
        .context("cursors not read")?;
    let mut limit = last_seq + 1;
    for row in rows {
        let id: i16 = row.try_get(0)?;
        let cursor = u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or_default();
        let newest = bus.newest_in_partition(u16::try_from(id)?).await?;
        if newest.is_some_and(|newest| newest > cursor) {
            limit = limit.min(cursor + 1);
        }
    }
    Ok((limit > 1).then_some(limit))
}

/// The first sequence in `first..limit` stored at `since` or later, by halving: store times grow
/// with the sequence.
async fn first_stored_since(
    bus: &Bus,
    first: u64,
    limit: u64,
    since: DateTime<Utc>,
) -> anyhow::Result<u64> {
    let (mut low, mut high) = (first, limit);
    while low < high {
        let middle = low + (high - low) / 2;
        // A hole (a message that an operator deleted) counts as old: its neighbours decide.
        let old = match bus.get(subjects::COMMANDS_STREAM, middle).await? {
            Some(message) => message.stored_at < since,
            None => true,
        };
        if old {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Deletes outcomes older than 30 days.
pub(super) async fn trim_inbox(pool: &PgPool) -> anyhow::Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM inbox WHERE command_id IN ( \
           SELECT command_id FROM inbox WHERE decided_at < now() - interval '30 days' LIMIT $1)",
    )
    .bind(INBOX_ROWS_MAX)
    .execute(pool)
    .await
    .context("inbox not trimmed")?;
    Ok(deleted.rows_affected())
}

/// Deletes mails that were sent or parked more than 30 days ago.
pub(super) async fn trim_mails(pool: &PgPool) -> anyhow::Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM mail_outbox \
          WHERE state <> 'waiting' AND settled_at < now() - interval '30 days'",
    )
    .execute(pool)
    .await
    .context("mails not trimmed")?;
    Ok(deleted.rows_affected())
}
