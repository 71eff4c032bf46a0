//! Who is there: every process writes a row about itself, again and again, for operators to read.
//! Nothing decides by it.

use crate::lifecycle::Lifecycle;
use crate::{clock, schema};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use std::time::Duration;
use uuid::Uuid;

/// How often the row is written.
const SAY_EVERY: Duration = Duration::from_secs(5);
/// How long it counts, seconds.
const COUNTS_S: f64 = 20.0;

/// A process, as it tells of itself.
#[derive(Debug, Clone)]
pub struct Presence {
    id: Uuid,
    service: &'static str,
    name: String,
    role: &'static str,
    version: &'static str,
    started_at: DateTime<Utc>,
}

/// A process, as others find it.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Process {
    /// `medique-api` or `medique-worker`.
    pub service: String,
    /// A worker's id; host and port of an api.
    pub name: String,
    /// What a worker does.
    pub role: String,
    /// Version of the build.
    pub version: String,
    /// Newest migration that the build knows.
    pub schema: i64,
    /// Since when it runs.
    pub started_at: DateTime<Utc>,
    /// Whether it was asked to end.
    pub draining: bool,
}

impl Presence {
    /// This process.
    pub fn new(
        service: &'static str,
        name: String,
        role: &'static str,
        version: &'static str,
    ) -> Self {
        Self {
            id: Uuid::new_v4(),
            service,
            name,
            role,
            version,
            started_at: clock::now(),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Version of the build.
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Since when it runs.
    pub const fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// Tells of itself until no new work is begun, then takes the row away. Best effort: a database
    /// that is away is somebody else's to complain of.
    pub async fn tell(self, pool: PgPool, lifecycle: Lifecycle) {
        let mut is_draining = lifecycle.is_draining();
        loop {
            if let Err(error) = self.write(&pool, is_draining).await {
                tracing::debug!(%error, "presence not written");
            }
            tokio::select! {
                () = tokio::time::sleep(SAY_EVERY) => {}
                () = lifecycle.draining.cancelled(), if !is_draining => is_draining = true,
                () = lifecycle.soft.cancelled() => break,
            }
        }
        if let Err(error) = self.remove(&pool).await {
            tracing::debug!(%error, "presence not removed");
        }
    }

    async fn write(&self, pool: &PgPool, is_draining: bool) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO process (id, service, name, role, version, schema, started_at, draining, seen_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9)) \
             ON CONFLICT (id) DO UPDATE SET draining = excluded.draining, seen_until = excluded.seen_until",
        )
        .bind(self.id)
        .bind(self.service)
        .bind(&self.name)
        .bind(self.role)
        .bind(self.version)
        .bind(schema::newest())
        .bind(self.started_at)
        .bind(is_draining)
        .bind(COUNTS_S)
        .execute(pool)
        .await?;
        Ok(())
    }

    /// With those that ended without a word, long ago.
    async fn remove(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM process WHERE id = $1 OR seen_until < now() - interval '1 day'")
            .bind(self.id)
            .execute(pool)
            .await?;
        Ok(())
    }
}

impl Process {
    /// Everybody who is there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn all(pool: &PgPool) -> Result<Vec<Self>, sqlx::Error> {
        sqlx::query_as(
            "SELECT service, name, role, version, schema, started_at, draining FROM process \
              WHERE seen_until > now() ORDER BY service, name, started_at",
        )
        .fetch_all(pool)
        .await
    }
}
