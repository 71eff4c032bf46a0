//! `admin retention` and `admin rewrap-keys`.

use super::{Answer, Progress};
use crate::scheduler::persons::{self, BEGINNING, Due};
use anyhow::Context as _;
use chrono::TimeDelta;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::bus::Bus;
use medique_platform::clock;
use medique_platform::config::BusConfig;
use medique_platform::postgres::{TxError, in_tx};
use medique_platform::privacy::{Keys, Wrapped};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Keys that are wrapped anew in one transaction.
const KEYS_MAX: i64 = 1000;

/// Erase the persons of visits that are older than MEDIQUE_RETENTION_DAYS, as the scheduler does.
#[derive(Debug, clap::Args)]
pub struct Retention {
    /// Only say what would be erased.
    #[arg(long)]
    dry_run: bool,
}

impl Retention {
    pub(super) const fn needs_bus(&self) -> bool {
        !self.dry_run
    }

    pub(super) async fn run(
        self,
        pool: &PgPool,
        keep: TimeDelta,
        bus: Option<BusConfig>,
    ) -> anyhow::Result<Answer> {
        let before = clock::now() - keep;
        let bus = match bus {
            Some(config) => Some(Bus::connect(&config, "medique-admin").await?),
            None => None,
        };
        let (mut visits, mut sent, mut after) = (Vec::new(), 0, BEGINNING);
        let progress = Progress::waiting();
        loop {
            let found = persons::due(pool, before, after).await?;
            let Some(last) = found.last() else { break };
            after = (last.arrived_at, last.visit_id);
            if let Some(bus) = &bus {
                sent += persons::erase(bus, &found).await?;
            }
            visits.extend(found);
            progress.say(format!("{} persons due", visits.len()));
        }
        if let Some(bus) = bus {
            persons::empty_dead_letters(pool, before).await?;
            bus.flush_and_close().await;
        }
        let text = match self.dry_run {
            true => format!(
                "{} persons would be erased: their visits began before {before}",
                visits.len()
            ),
            false => format!("{sent} erasures asked for: visits that began before {before}"),
        };
        let ids: Vec<_> = visits.iter().map(|due: &Due| due.visit_id).collect();
        let json =
            json!({ "before": before, "due": ids.len(), "asked_for": sent, "visit_ids": ids });
        Ok(Answer::ok(text, json))
    }
}

/// Wraps every data key with the newest master key, so that an older one can be taken away.
pub(super) async fn rewrap(pool: &PgPool, keys: &Keys) -> anyhow::Result<Answer> {
    let (mut after, mut done) = (Uuid::nil(), 0);
    let total = keys_to_wrap(pool, keys).await?;
    let progress = Progress::of("keys");
    loop {
        progress.set(done, total);
        let keys = keys.clone();
        let next = in_tx(pool, move |connection| {
            Box::pin(async move { rewrap_some(connection, &keys, after).await })
        });
        match next.await.map_err(told)? {
            Some((last, count)) => (after, done) = (last, done + count),
            None => break,
        }
    }
    drop(progress);
    let master = keys.current_id();
    let fact = Fact {
        facts: json!({ "what": "master_key", "master_key_id": master, "rewrapped": done }),
        ..Fact::new(FactKind::KeyRotated, None, "system:admin")
    };
    in_tx(pool, move |connection| {
        Box::pin(async move { audit::append(connection, &fact).await })
    })
    .await
    .context("rotation not audited")?;
    Ok(Answer::ok(
        format!("{done} data keys wrapped again, all of them by master key {master}"),
        json!({ "rewrapped": done, "master_key_id": master }),
    ))
}

async fn keys_to_wrap(pool: &PgPool, keys: &Keys) -> anyhow::Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM visit_key WHERE wrapped_key IS NOT NULL AND master_key_id <> $1",
    )
    .bind(keys.current_id())
    .fetch_one(pool)
    .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn told(error: TxError<anyhow::Error>) -> anyhow::Error {
    match error {
        TxError::Work(error) => error,
        TxError::Begin(error) | TxError::Commit(error) => error.into(),
        TxError::Panicked => anyhow::anyhow!("a rotation panicked"),
    }
}

/// Last visit and number of keys; none at the end.
type Rewrapped = Option<(Uuid, u64)>;

/// The next keys behind `after` that an older master key wrapped.
async fn rewrap_some(
    connection: &mut PgConnection,
    keys: &Keys,
    after: Uuid,
) -> anyhow::Result<Rewrapped> {
    let rows: Vec<(Uuid, Vec<u8>, String)> = sqlx::query_as(
        "SELECT visit_id, wrapped_key, master_key_id FROM visit_key \
          WHERE visit_id > $1 AND wrapped_key IS NOT NULL AND master_key_id <> $2 \
          ORDER BY visit_id LIMIT $3 FOR UPDATE",
    )
    .bind(after)
    .bind(keys.current_id())
    .bind(KEYS_MAX)
    .fetch_all(&mut *connection)
    .await?;
    let Some(last) = rows.last().map(|row| row.0) else {
        return Ok(None);
    };
    let (mut ids, mut wrapped, mut masters) = (Vec::new(), Vec::new(), Vec::new());
    for (visit, bytes, master_key_id) in rows {
        let old = Wrapped {
            master_key_id,
            bytes,
        };
        let new = keys
            .wrap_again(visit, &old)
            .with_context(|| format!("key of visit {visit}"))?;
        ids.push(visit);
        wrapped.push(new.bytes);
        masters.push(new.master_key_id);
    }
    let written = sqlx::query(
        "UPDATE visit_key AS k SET wrapped_key = x.wrapped, master_key_id = x.master \
           FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS x(id, wrapped, master) \
          WHERE k.visit_id = x.id",
    )
    .bind(&ids)
    .bind(wrapped)
    .bind(masters)
    .execute(connection)
    .await?;
    Ok(Some((last, written.rows_affected())))
}
