//! The operator's decision to go on without what a log has lost.
//!
//! The log is moved on: the next command gets a number above every cursor, so no number ever means
//! two commands. What the log still holds and nobody decided is first put aside as dead letters, in
//! one transaction with the record of the decision, and sent again behind the gap. A crash in
//! between loses nothing: the command is given again, or the letters are redriven by hand.

use crate::admin::{Answer, OPERATOR, change, parked};
use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, Utc};
use medique_contracts::CommandMessage;
use medique_contracts::subjects::{
    COMMANDS_STREAM, HEADER_REDRIVE, HEADER_REDRIVE_ASKED, PARTITIONS,
};
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::bus::{Bus, StoredMessage};
use medique_platform::continuity::{self, Continuity};
use medique_platform::privacy::{Field, Keys};
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Why a message was put aside, so that it is sent again if this command was interrupted.
const CARRIED: &str = "carried over from a log that was behind the database";

/// Go on without what the log has lost.
#[derive(Debug, clap::Args)]
pub struct AcceptLoss {
    /// Why: it is kept in the audit trail.
    #[arg(long)]
    reason: String,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// A message that the log holds and nobody decided.
struct Undecided {
    id: Uuid,
    command_id: Option<Uuid>,
    facility_id: Option<Uuid>,
    partition: i16,
    seq: i64,
    subject: String,
    headers: Value,
    sealed: Vec<u8>,
    stored_at: DateTime<Utc>,
}

/// Whether a worker holds a partition.
pub(super) async fn anybody_works(pool: &PgPool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM partition WHERE lease_until > now())")
        .fetch_one(pool)
        .await
}

impl AcceptLoss {
    pub(super) async fn run(self, pool: &PgPool, bus: &Bus, keys: &Keys) -> anyhow::Result<Answer> {
        ensure!(!self.reason.trim().is_empty(), "a reason must be given");
        let found = continuity::look(pool, bus).await?;
        if found == Continuity::Whole {
            return self.carry_the_rest(pool, bus, keys).await;
        }
        ensure!(
            !anybody_works(pool).await?,
            "a worker holds partitions: stop all workers, or wait until they refuse to work"
        );
        bus.ensure_streams().await?;
        let state = bus.stream_state(COMMANDS_STREAM).await?;
        let cursors = continuity::cursors(pool).await?;
        let highest = cursors.iter().map(|(_, cursor)| *cursor).max().unwrap_or(0);
        let undecided = undecided(pool, bus, keys, state.first_seq.max(1)..=state.last_seq).await?;
        let goes_on_after = highest.max(state.last_seq);
        let mut json = json!({
            "found": found.to_string(),
            "log_ended_at": state.last_seq,
            "highest_cursor": highest,
            "goes_on_after": goes_on_after,
            "carried_over": undecided.len(),
        });
        if self.dry_run {
            let text = format!(
                "{found}: the log would go on after message {goes_on_after}, {} undecided commands would be carried over",
                undecided.len()
            );
            return Ok(Answer::ok(text, json));
        }
        let fact = Fact {
            facts: json.clone(),
            detail: Some(json!({ "reason": self.reason })),
            ..Fact::new(FactKind::LogLossAccepted, None, OPERATOR)
        };
        change(pool, move |connection| {
            Box::pin(decide(connection, undecided, goes_on_after, fact))
        })
        .await
        .context("the decision was not recorded")?;
        bus.purge_commands_before(goes_on_after + 1).await?;
        let carried = redrive_carried(pool, bus, keys).await?;
        if let Value::Object(map) = &mut json {
            map.insert("sent_again".to_owned(), Value::from(carried));
        }
        let text = format!(
            "accepted: the log goes on after message {goes_on_after}, {carried} undecided commands were sent again"
        );
        Ok(Answer::ok(text, json))
    }

    /// The log fits: either there was nothing to decide, or this command was interrupted before it
    /// had sent everything again.
    async fn carry_the_rest(
        &self,
        pool: &PgPool,
        bus: &Bus,
        keys: &Keys,
    ) -> anyhow::Result<Answer> {
        let carried = match self.dry_run {
            true => 0,
            false => redrive_carried(pool, bus, keys).await?,
        };
        Ok(Answer::ok(
            format!("the log fits the cursors: nothing to accept, {carried} commands sent again"),
            json!({ "found": Continuity::Whole.to_string(), "sent_again": carried }),
        ))
    }
}

/// Every message of the log that has no outcome, in its order.
async fn undecided(
    pool: &PgPool,
    bus: &Bus,
    keys: &Keys,
    log: std::ops::RangeInclusive<u64>,
) -> anyhow::Result<Vec<Undecided>> {
    let mut found = Vec::new();
    for seq in log {
        let Some(message) = bus.get(COMMANDS_STREAM, seq).await? else {
            continue;
        };
        let partition = partition_of(&message)?;
        if !continuity::was_decided(pool, partition, &message).await? {
            found.push(put_aside(&message, partition, keys)?);
        }
    }
    Ok(found)
}

fn partition_of(message: &StoredMessage) -> anyhow::Result<i16> {
    let number = message.subject.split('.').nth(1);
    let number = number.and_then(|text| text.parse().ok());
    match number {
        Some(partition) if (0..PARTITIONS.cast_signed()).contains(&partition) => Ok(partition),
        _ => bail!("message {} stands on no partition", message.seq),
    }
}

fn put_aside(message: &StoredMessage, partition: i16, keys: &Keys) -> anyhow::Result<Undecided> {
    let command = CommandMessage::from_bytes(&message.payload).ok();
    let facility_id = command
        .as_ref()
        .map(|command| command.context.facility_id.0);
    let sealed = keys.seal_for_facility(
        facility_id.unwrap_or_default(),
        Field::DeadLetter,
        &message.payload,
    )?;
    let headers: Map<String, Value> = message
        .headers()
        .filter(|(name, _)| ![HEADER_REDRIVE, HEADER_REDRIVE_ASKED].contains(name))
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    Ok(Undecided {
        id: Uuid::now_v7(),
        command_id: command.map(|command| command.command_id.0),
        facility_id,
        partition,
        seq: i64::try_from(message.seq)?,
        subject: message.subject.clone(),
        headers: Value::Object(headers),
        sealed: sealed.into_bytes(),
        stored_at: message.stored_at,
    })
}

/// Puts the undecided aside, counts every number up to the new beginning as used, and says so.
async fn decide(
    connection: &mut PgConnection,
    undecided: Vec<Undecided>,
    goes_on_after: u64,
    fact: Fact,
) -> anyhow::Result<()> {
    for one in &undecided {
        sqlx::query(
            "INSERT INTO dead_letter (id, command_id, facility_id, partition, seq, subject, headers, \
                                      payload, reason, parked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(one.id)
        .bind(one.command_id)
        .bind(one.facility_id)
        .bind(one.partition)
        .bind(one.seq)
        .bind(&one.subject)
        .bind(&one.headers)
        .bind(&one.sealed)
        .bind(CARRIED)
        .bind(one.stored_at)
        .execute(&mut *connection)
        .await
        .with_context(|| format!("message {} not put aside", one.seq))?;
    }
    sqlx::query(
        "UPDATE partition SET processed = processed + $1 - (SELECT sum(processed) FROM partition) \
          WHERE id = 0",
    )
    .bind(i64::try_from(goes_on_after)?)
    .execute(&mut *connection)
    .await?;
    audit::append(connection, &fact).await?;
    Ok(())
}

/// Sends what was put aside again, in the order in which it was accepted.
async fn redrive_carried(pool: &PgPool, bus: &Bus, keys: &Keys) -> anyhow::Result<u64> {
    let waiting: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM dead_letter WHERE state = 'parked' AND reason = $1 ORDER BY seq",
    )
    .bind(CARRIED)
    .fetch_all(pool)
    .await?;
    let mut sent = 0;
    for id in waiting {
        parked::send_again(pool, keys, bus, id, CARRIED.to_owned()).await?;
        sent += 1;
    }
    Ok(sent)
}
