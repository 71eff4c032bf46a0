//! Whether the broker's log is the one that the database's cursors belong to.
//!
//! Cursors count the messages of one log. When that log is lost, or restored from an older copy,
//! its numbers are given out a second time: whoever goes on reading from the cursors skips what was
//! accepted under them. Comparing the ends is not enough, since a log that lost its end grows past
//! the cursors again; so the message at each cursor must also be the one that was decided there.

use crate::bus::{Bus, BusError, StoredMessage};
use chrono::TimeDelta;
use medique_contracts::{CommandMessage, subjects};
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

/// Outcomes are known for this long; of older messages nothing can be said.
const REMEMBERED: TimeDelta = TimeDelta::days(29);

/// How log and cursors stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Continuity {
    /// The log goes on from where the cursors are.
    #[error("the log fits the cursors")]
    Whole,
    /// The log ends before a cursor.
    #[error("the log ends at {last_seq}, behind the cursor at {cursor}")]
    Behind {
        /// Last sequence in the log; 0 when there is none.
        last_seq: u64,
        /// Highest cursor.
        cursor: u64,
    },
    /// At a cursor stands a message that was not decided there.
    #[error(
        "message {cursor} of partition {partition} is not the one that was decided: the log was replaced and has grown since"
    )]
    Another {
        /// Which partition.
        partition: i16,
        /// Its cursor.
        cursor: u64,
    },
}

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The broker's side.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The database's side.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Holds the log against the cursors.
///
/// # Errors
/// One of the two cannot be read.
pub async fn look(pool: &PgPool, bus: &Bus) -> Result<Continuity, LookError> {
    let cursors = cursors(pool).await?;
    let highest = cursors.iter().map(|(_, cursor)| *cursor).max().unwrap_or(0);
    // The log second: it only grows, so a cursor that was read before cannot be beyond its end.
    if !bus.has_stream(subjects::COMMANDS_STREAM).await? {
        return Ok(match highest {
            0 => Continuity::Whole,
            cursor => Continuity::Behind {
                last_seq: 0,
                cursor,
            },
        });
    }
    let state = bus.stream_state(subjects::COMMANDS_STREAM).await?;
    if state.last_seq < highest {
        return Ok(Continuity::Behind {
            last_seq: state.last_seq,
            cursor: highest,
        });
    }
    for (partition, cursor) in cursors {
        if cursor < state.first_seq.max(1) {
            continue;
        }
        let message = bus.get(subjects::COMMANDS_STREAM, cursor).await?;
        if let Some(message) = message
            && !was_decided(pool, partition, &message).await?
        {
            return Ok(Continuity::Another { partition, cursor });
        }
    }
    Ok(Continuity::Whole)
}

/// Cursor of each partition.
///
/// # Errors
/// The database does not answer.
pub async fn cursors(pool: &PgPool) -> Result<Vec<(i16, u64)>, sqlx::Error> {
    let rows = sqlx::query("SELECT id, last_seq FROM partition ORDER BY id")
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| {
            let cursor: i64 = row.try_get(1)?;
            Ok((row.try_get(0)?, u64::try_from(cursor).unwrap_or_default()))
        })
        .collect()
}

/// Whether this message was decided, as a command or as one that could not be read. Also true of a
/// message that is too old for anybody to remember.
///
/// # Errors
/// The database does not answer.
pub async fn was_decided(
    pool: &PgPool,
    partition: i16,
    message: &StoredMessage,
) -> Result<bool, sqlx::Error> {
    if message.stored_at < crate::clock::now() - REMEMBERED {
        return Ok(true);
    }
    let prefix = format!("p.{partition}.");
    if !message.subject.starts_with(&prefix) {
        return Ok(false);
    }
    // The place where the outcome stands: this message, or an earlier one that it repeats.
    let decided = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE command_id = $1 \
                           AND (seq < $2 OR (seq = $2 AND accepted_at = $3))) \
             OR EXISTS (SELECT 1 FROM dead_letter WHERE partition = $4 AND seq = $2)",
    )
    .bind(command_id(message))
    .bind(i64::try_from(message.seq).unwrap_or(i64::MAX))
    .bind(message.stored_at)
    .bind(partition)
    .fetch_one(pool)
    .await?;
    Ok(decided)
}

/// The command's id: what the message says, else under which id it was published.
fn command_id(message: &StoredMessage) -> Option<Uuid> {
    match CommandMessage::from_bytes(&message.payload) {
        Ok(command) => Some(command.command_id.0),
        Err(_) => message
            .header("Nats-Msg-Id")
            .and_then(|id| id.split(':').next()?.parse().ok()),
    }
}
