//! What the database committed, and when.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use uuid::Uuid;

const DECIDED_BY_COMMIT: &str =
    "SELECT command_id, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint,
            outcome->>'status' = 'applied'
     FROM inbox WHERE accepted_at >= to_timestamp($1::double precision / 1000000)";
const DECIDED_BY_WORKER: &str =
    "SELECT command_id, (extract(epoch FROM decided_at) * 1000000)::bigint,
            outcome->>'status' = 'applied'
     FROM inbox WHERE accepted_at >= to_timestamp($1::double precision / 1000000)";

/// One decided command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decided {
    /// When its transaction committed, microseconds since 1970.
    pub(crate) committed_us: i64,
    /// Whether it took effect; otherwise a rule refused it, or it was parked.
    pub(crate) applied: bool,
}

/// Looks into the database of the system under load.
#[derive(Debug)]
pub(crate) struct Database {
    pool: PgPool,
    /// Whether Postgres keeps the instant of every commit.
    tracks_commits: bool,
}

impl Database {
    /// Connects; tables are looked for in `schema`, or where the database looks by itself.
    pub(crate) async fn connect(url: &str, schema: Option<&str>) -> Result<Self> {
        let mut how = PgConnectOptions::from_str(url).context("not the address of a database")?;
        if let Some(schema) = schema {
            how = how.options([("search_path", schema)]);
        }
        let options = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10));
        let pool = options
            .connect_with(how)
            .await
            .context("cannot look into the database")?;
        let setting: String =
            sqlx::query_scalar("SELECT current_setting('track_commit_timestamp')")
                .fetch_one(&pool)
                .await?;
        Ok(Self {
            pool,
            tracks_commits: setting == "on",
        })
    }

    /// Whether `committed_us` is when Postgres committed; otherwise it is when the worker decided.
    pub(crate) fn tracks_commits(&self) -> bool {
        self.tracks_commits
    }

    /// Writes out what earlier runs left, where that is allowed, so that no run pays for another.
    pub(crate) async fn checkpoint(&self) {
        // Only some roles may; without it a run is a little less alike the others.
        let _ = sqlx::query("CHECKPOINT").execute(&self.pool).await;
    }

    /// Commands of clients decided so far.
    pub(crate) async fn decided_count(&self) -> Result<u64> {
        // the adviser's answers are commands as well
        let query = "SELECT count(*) FROM inbox WHERE kind <> 'record_advice'";
        let count: i64 = sqlx::query_scalar(query).fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    /// Every command that the broker stored at or after an instant, by id.
    pub(crate) async fn decided_since(&self, since_us: i64) -> Result<HashMap<Uuid, Decided>> {
        let statement = if self.tracks_commits {
            DECIDED_BY_COMMIT
        } else {
            DECIDED_BY_WORKER
        };
        let rows: Vec<(Uuid, i64, bool)> = sqlx::query_as(statement)
            .bind(since_us)
            .fetch_all(&self.pool)
            .await
            .context("cannot read what was decided")?;
        let decided = |(id, committed_us, applied)| {
            (
                id,
                Decided {
                    committed_us,
                    applied,
                },
            )
        };
        Ok(rows.into_iter().map(decided).collect())
    }
}
