//! Everything that the checks look at, read once when the system is at rest.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, TryStreamExt as _};
use medique_contracts::subjects::{COMMANDS_STREAM, EVENTS_STREAM, HEADER_REDRIVE};
use medique_contracts::vocabulary::StageState;
use medique_contracts::{CommandMessage, EventMessage, Outcome, VisitSnapshot};
use medique_platform::bus::{Bus, StoredMessage};
use sqlx::{FromRow, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

/// Messages that are fetched at the same time.
const IN_FLIGHT: usize = 64;

/// A message of the COMMANDS stream.
#[derive(Debug)]
pub struct StoredCommand {
    /// Its sequence.
    pub seq: u64,
    /// When the broker stored it.
    pub stored_at: DateTime<Utc>,
    /// Whether an admin sent it again.
    pub redriven: bool,
    /// Its text, to be searched for marks.
    pub text: String,
    /// What it says; none when it cannot be read.
    pub message: Option<CommandMessage>,
}

/// A message of the EVENTS stream.
#[derive(Debug)]
pub struct StoredEvent {
    /// Its sequence.
    pub seq: u64,
    /// `Nats-Msg-Id`.
    pub message_id: String,
    /// Where it was published.
    pub subject: String,
    /// What it says.
    pub event: EventMessage,
}

/// A row of the inbox.
#[derive(Debug)]
pub struct InboxRow {
    /// Operation.
    pub kind: String,
    /// Sequence in COMMANDS.
    pub seq: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// When the broker stored it.
    pub accepted_at: DateTime<Utc>,
    /// When the worker decided.
    pub decided_at: DateTime<Utc>,
}

/// A row of the audit trail.
#[derive(Debug, FromRow)]
pub struct AuditRow {
    /// Id, also of the event.
    pub event_id: Uuid,
    /// Visit.
    pub visit_id: Option<Uuid>,
    /// Version of the visit after the fact.
    pub version: Option<i64>,
    /// Kind of the event.
    pub event_type: String,
    /// The command.
    pub command_id: Uuid,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The facts, JSON.
    pub facts: String,
}

/// A parked message.
#[derive(Debug, FromRow)]
pub struct DeadLetterRow {
    /// Its sequence in COMMANDS.
    pub seq: i64,
    /// Why.
    pub reason: String,
    /// `parked`, `redriven` or `dropped`.
    pub state: String,
}

/// A visit with its newest stage.
#[derive(Debug)]
pub struct VisitRow {
    /// As an event would tell it.
    pub snapshot: VisitSnapshot,
    /// Department that issued the token.
    pub token_department: Option<Uuid>,
    /// Number in the token.
    pub token_number: Option<i32>,
}

/// All of it.
#[derive(Debug)]
pub struct Evidence {
    /// Commands, by sequence.
    pub commands: Vec<StoredCommand>,
    /// Events, by sequence.
    pub events: Vec<StoredEvent>,
    /// Outcomes by command.
    pub inbox: HashMap<Uuid, InboxRow>,
    /// What commands did, in order of time and version; other facts have no events.
    pub audit: Vec<AuditRow>,
    /// Parked messages.
    pub dead_letters: Vec<DeadLetterRow>,
    /// Visits by id.
    pub visits: HashMap<Uuid, VisitRow>,
    /// Whether the data key of a visit was destroyed.
    pub keys: HashMap<Uuid, bool>,
    /// The last number of each department and day.
    pub counters: HashMap<(Uuid, chrono::NaiveDate), i32>,
}

impl Evidence {
    /// Reads everything.
    ///
    /// # Errors
    /// A server is away, or a row or event has a shape that our own code cannot read.
    pub async fn gather(pool: &PgPool, bus: &Bus) -> Result<Self> {
        let commands = messages(bus, COMMANDS_STREAM)
            .await?
            .into_iter()
            .map(stored_command)
            .collect();
        let events = messages(bus, EVENTS_STREAM).await?;
        let events = events
            .into_iter()
            .map(stored_event)
            .collect::<Result<_>>()?;
        Ok(Self {
            commands,
            events,
            inbox: inbox(pool).await?,
            audit: sqlx::query_as(
                "SELECT event_id, visit_id, version, event_type, command_id, occurred_at, facts \
                   FROM audit WHERE partition < 100 ORDER BY visit_id, version, occurred_at",
            )
            .fetch_all(pool)
            .await?,
            dead_letters: sqlx::query_as("SELECT seq, reason, state FROM dead_letter ORDER BY seq")
                .fetch_all(pool)
                .await?,
            visits: visits(pool).await?,
            keys: sqlx::query_as("SELECT visit_id, wrapped_key IS NULL FROM visit_key")
                .fetch_all(pool)
                .await?
                .into_iter()
                .collect(),
            counters: sqlx::query_as(
                "SELECT department_id, service_day, last_number FROM token_counter",
            )
            .fetch_all(pool)
            .await?
            .into_iter()
            .map(|(department, day, last): (Uuid, chrono::NaiveDate, i32)| {
                ((department, day), last)
            })
            .collect(),
        })
    }

    /// Commands whose text holds this mark.
    pub fn commands_with(&self, mark: &str) -> Vec<&StoredCommand> {
        // quotes and spaces end a mark, so that `7` does not find `71`
        let ends = [format!("{mark}\""), format!("{mark} ")];
        self.commands
            .iter()
            .filter(|command| ends.iter().any(|end| command.text.contains(end)))
            .collect()
    }
}

async fn messages(bus: &Bus, stream: &str) -> Result<Vec<StoredMessage>> {
    let state = bus.stream_state(stream).await?;
    let found: Vec<Option<StoredMessage>> =
        futures::stream::iter(state.first_seq.max(1)..=state.last_seq)
            .map(|seq| async move { bus.get(stream, seq).await })
            .buffered(IN_FLIGHT)
            .try_collect()
            .await
            .with_context(|| format!("reading {stream}"))?;
    Ok(found.into_iter().flatten().collect())
}

fn stored_command(stored: StoredMessage) -> StoredCommand {
    StoredCommand {
        seq: stored.seq,
        stored_at: stored.stored_at,
        redriven: stored.header(HEADER_REDRIVE).is_some(),
        text: String::from_utf8_lossy(&stored.payload).into_owned(),
        message: CommandMessage::from_bytes(&stored.payload).ok(),
    }
}

fn stored_event(stored: StoredMessage) -> Result<StoredEvent> {
    let event = EventMessage::from_bytes(&stored.payload)
        .with_context(|| format!("event {} of the stream is not an event", stored.seq))?;
    Ok(StoredEvent {
        seq: stored.seq,
        message_id: stored.header("Nats-Msg-Id").unwrap_or_default().to_owned(),
        subject: stored.subject.clone(),
        event,
    })
}

async fn inbox(pool: &PgPool) -> Result<HashMap<Uuid, InboxRow>> {
    type Row = (
        Uuid,
        String,
        i64,
        sqlx::types::Json<Outcome>,
        DateTime<Utc>,
        DateTime<Utc>,
    );
    let query = "SELECT command_id, kind, seq, outcome, accepted_at, decided_at FROM inbox";
    let rows: Vec<Row> = sqlx::query_as(query).fetch_all(pool).await?;
    rows.into_iter()
        .map(|(id, kind, seq, outcome, accepted_at, decided_at)| {
            let row = InboxRow {
                kind,
                seq: u64::try_from(seq)?,
                outcome: outcome.0,
                accepted_at,
                decided_at,
            };
            Ok((id, row))
        })
        .collect()
}

#[derive(FromRow)]
struct VisitColumns {
    id: Uuid,
    version: i64,
    token: Option<String>,
    token_department_id: Option<Uuid>,
    token_number: Option<i32>,
    service_day: chrono::NaiveDate,
    arrived_at: DateTime<Utc>,
    level: i16,
    state: String,
    ordinal: i16,
    department_id: Uuid,
    assigned_doctor_id: Option<Uuid>,
    doctor_id: Option<Uuid>,
    room_id: Option<Uuid>,
    front: bool,
    queued_since: DateTime<Utc>,
    called_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    recall_count: i16,
    inaccurate: bool,
}

async fn visits(pool: &PgPool) -> Result<HashMap<Uuid, VisitRow>> {
    let rows: Vec<VisitColumns> = sqlx::query_as(
        "SELECT visit.id, version, token, token_department_id, token_number, service_day, arrived_at, \
                visit.level, state, ordinal, department_id, assigned_doctor_id, doctor_id, room_id, \
                front, queued_since, called_at, started_at, ended_at, recall_count, inaccurate \
           FROM visit JOIN stage ON stage.visit_id = visit.id AND stage.ordinal = visit.current_stage",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.id, row.into_visit()?)))
        .collect()
}

impl VisitColumns {
    fn into_visit(self) -> Result<VisitRow> {
        let snapshot = VisitSnapshot {
            visit_id: self.id.into(),
            version: self.version,
            token: self.token,
            service_day: self.service_day,
            state: self.state.parse::<StageState>()?,
            stage: self.ordinal,
            department_id: self.department_id.into(),
            // told once, on the way; not part of the table
            from_department_id: None,
            level: u8::try_from(self.level)?,
            assigned_doctor_id: self.assigned_doctor_id.map(Into::into),
            doctor_id: self.doctor_id.map(Into::into),
            room_id: self.room_id.map(Into::into),
            front: self.front,
            queued_since: self.queued_since,
            arrived_at: self.arrived_at,
            called_at: self.called_at,
            started_at: self.started_at,
            ended_at: self.ended_at,
            recall_count: u16::try_from(self.recall_count)?,
            inaccurate: self.inaccurate,
        };
        Ok(VisitRow {
            snapshot,
            token_department: self.token_department_id,
            token_number: self.token_number,
        })
    }
}
