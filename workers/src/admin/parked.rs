//! `admin parked`: commands that could not be processed wait here, whole, for a decision.

use super::{Answer, OPERATOR, Table, change};
use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, Utc};
use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::bus::Bus;
use medique_platform::config::BusConfig;
use medique_platform::parked;
use medique_platform::privacy::Keys;
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// Parked commands.
#[derive(Debug, clap::Subcommand)]
pub enum Parked {
    /// List those that wait.
    Ls {
        /// Also those that were redriven or dropped.
        #[arg(long)]
        all: bool,
    },
    /// Show one, with its payload. It may hold personal data.
    Show {
        /// Its id, as `ls` prints it.
        id: Uuid,
    },
    /// Send one again, once; it takes effect at most once.
    Redrive {
        /// Its id, as `ls` prints it.
        id: Uuid,
        /// Why it may work now.
        #[arg(long)]
        reason: String,
    },
    /// Give one up.
    Drop {
        /// Its id, as `ls` prints it.
        id: Uuid,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Serialize, FromRow)]
struct Letter {
    id: Uuid,
    command_id: Option<Uuid>,
    facility_id: Option<Uuid>,
    partition: i16,
    seq: i64,
    subject: String,
    reason: String,
    parked_at: DateTime<Utc>,
    state: String,
    resolved_at: Option<DateTime<Utc>>,
    resolved_by: Option<String>,
    resolution: Option<String>,
}

const UNKNOWN: &str = "nothing with this id was parked";
const COLUMNS: &str = "SELECT id, command_id, facility_id, partition, seq, subject, reason, parked_at, state, \
     resolved_at, resolved_by, resolution FROM dead_letter";

impl Parked {
    /// Whether the broker is needed.
    pub(super) const fn needs_bus(&self) -> bool {
        matches!(self, Self::Redrive { .. })
    }

    /// Whether the message itself is read.
    pub(super) const fn needs_keys(&self) -> bool {
        matches!(self, Self::Redrive { .. } | Self::Show { .. })
    }

    pub(super) async fn run(
        self,
        pool: &PgPool,
        bus: Option<BusConfig>,
        keys: Option<Keys>,
    ) -> anyhow::Result<Answer> {
        let keys = || keys.as_ref().context("the master key is not configured");
        match self {
            Self::Ls { all } => list(pool, all).await,
            Self::Show { id } => show(pool, keys()?, id).await,
            Self::Redrive { id, reason } => {
                let config = bus.context("the broker is not configured")?;
                redrive(
                    pool,
                    keys()?,
                    &Bus::connect(&config, "medique-admin").await?,
                    id,
                    reason,
                )
                .await
            }
            Self::Drop { id, reason } => {
                resolve(pool, one(pool, id).await?, Resolution::Dropped, reason).await?;
                Ok(Answer::ok(
                    format!("{id} dropped"),
                    serde_json::json!({ "id": id, "state": "dropped" }),
                ))
            }
        }
    }
}

async fn list(pool: &PgPool, all: bool) -> anyhow::Result<Answer> {
    let letters: Vec<Letter> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE $1 OR state = 'parked' ORDER BY parked_at LIMIT 1000"
    )))
    .bind(all)
    .fetch_all(pool)
    .await?;
    let mut table = Table::new(["id", "parked at", "state", "partition", "reason"]);
    for letter in &letters {
        table.row([
            letter.id.to_string(),
            letter.parked_at.format("%Y-%m-%d %H:%M:%S").to_string(),
            letter.state.clone(),
            letter.partition.to_string(),
            letter.reason.clone(),
        ]);
    }
    let text = table.text_or("nothing is parked");
    Ok(Answer::ok(
        text,
        serde_json::json!({ "dead_letters": letters }),
    ))
}

async fn one(pool: &PgPool, id: Uuid) -> anyhow::Result<Letter> {
    sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1")))
        .bind(id)
        .fetch_optional(pool)
        .await?
        .context(UNKNOWN)
}

async fn stored(pool: &PgPool, id: Uuid) -> anyhow::Result<parked::Parked> {
    let found = parked::read(pool, id).await?;
    found.context(UNKNOWN)
}

async fn show(pool: &PgPool, keys: &Keys, id: Uuid) -> anyhow::Result<Answer> {
    let letter = one(pool, id).await?;
    let message = stored(pool, id).await?.message(keys)?;
    let payload = String::from_utf8_lossy(&message).into_owned();
    tell(pool, &letter).await?;
    let mut table = Table::pairs();
    for (name, value) in [
        ("id", letter.id.to_string()),
        (
            "command",
            letter
                .command_id
                .map_or_else(|| "it did not say".to_owned(), |id| id.to_string()),
        ),
        ("subject", letter.subject.clone()),
        (
            "place",
            format!("sequence {}, partition {}", letter.seq, letter.partition),
        ),
        ("parked at", letter.parked_at.to_rfc3339()),
        ("reason", letter.reason.clone()),
        ("state", letter.state.clone()),
        (
            "resolved by",
            letter.resolved_by.clone().unwrap_or_default(),
        ),
        ("why", letter.resolution.clone().unwrap_or_default()),
        ("payload", payload.clone()),
    ] {
        if !value.is_empty() {
            table.row([name.to_owned(), value]);
        }
    }
    let text = table.text();
    Ok(Answer::ok(
        text,
        serde_json::json!({ "dead_letter": letter, "payload": payload }),
    ))
}

/// What is not written down is not shown: a message may tell of a person.
async fn tell(pool: &PgPool, letter: &Letter) -> anyhow::Result<()> {
    let facility = letter.facility_id.map(FacilityId);
    let fact = Fact {
        facts: serde_json::json!({ "dead_letter_id": letter.id }),
        ..Fact::new(FactKind::DeadLetterRead, facility, OPERATOR)
    };
    change(pool, move |connection| {
        Box::pin(async move { Ok(audit::append(connection, &fact).await?) })
    })
    .await
    .context("the look was not audited")
}

#[derive(Debug, Clone, Copy)]
enum Resolution {
    Redriven,
    Dropped,
}

impl Resolution {
    const fn state(self) -> &'static str {
        match self {
            Self::Redriven => "redriven",
            Self::Dropped => "dropped",
        }
    }

    const fn kind(self) -> FactKind {
        match self {
            Self::Redriven => FactKind::DeadLetterRedriven,
            Self::Dropped => FactKind::DeadLetterDropped,
        }
    }
}

/// Marks a waiting letter, and says so in the trail; whoever comes second finds it decided.
async fn resolve(
    pool: &PgPool,
    letter: Letter,
    resolution: Resolution,
    reason: String,
) -> anyhow::Result<()> {
    ensure!(!reason.trim().is_empty(), "a reason must be given");
    let id = letter.id;
    let fact = Fact {
        facts: serde_json::json!({ "dead_letter_id": id, "command_id": letter.command_id }),
        detail: Some(serde_json::json!({ "reason": reason })),
        ..Fact::new(
            resolution.kind(),
            letter.facility_id.map(FacilityId),
            OPERATOR,
        )
    };
    let decided = change(pool, move |connection| {
        Box::pin(async move {
            let done = sqlx::query(
                "UPDATE dead_letter SET state = $2, resolved_at = now(), resolved_by = current_user, \
                        resolution = $3 WHERE id = $1 AND state = 'parked'",
            )
            .bind(id)
            .bind(resolution.state())
            .bind(reason)
            .execute(&mut *connection)
            .await?;
            let was_parked = done.rows_affected() == 1;
            if was_parked {
                audit::append(connection, &fact).await?;
            }
            Ok(was_parked)
        })
    })
    .await?;
    if !decided {
        bail!("it is {}, not parked", one(pool, id).await?.state);
    }
    Ok(())
}

/// Publishes first and marks afterwards: a crash in between leaves a letter that can be redriven
/// again, and the message id and the inbox make the second copy harmless.
async fn redrive(
    pool: &PgPool,
    keys: &Keys,
    bus: &Bus,
    id: Uuid,
    reason: String,
) -> anyhow::Result<Answer> {
    send_again(pool, keys, bus, id, reason).await?;
    bus.flush_and_close().await;
    Ok(Answer::ok(
        format!("{id} redriven"),
        serde_json::json!({ "id": id, "state": "redriven" }),
    ))
}

/// Sends one letter again and marks it.
pub(super) async fn send_again(
    pool: &PgPool,
    keys: &Keys,
    bus: &Bus,
    id: Uuid,
    reason: String,
) -> anyhow::Result<()> {
    ensure!(!reason.trim().is_empty(), "a reason must be given");
    let letter = stored(pool, id).await?;
    ensure!(
        letter.state == "parked",
        "it is {}, not parked",
        letter.state
    );
    bus.publish_single(letter.again(keys, None)?).await?;
    resolve(pool, one(pool, id).await?, Resolution::Redriven, reason).await
}
