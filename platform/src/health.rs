//! How a process and what it depends on stand. Strangers learn one word; what is in here is for
//! operators ([`OperatorToken`]).

mod ask;
mod operator;
mod presence;

pub use ask::is_ready;
pub use operator::OperatorToken;
pub use presence::{Presence, Process};

use crate::bus::Bus;
use crate::schema::Schema;
use serde::Serialize;
use sqlx::PgPool;
use std::time::{Duration, Instant};

/// Longest time that a look at a dependency may take.
const LOOK_MAX: Duration = Duration::from_secs(2);

/// What a process depends on.
#[derive(Debug, Serialize)]
pub struct Dependencies {
    /// Postgres.
    pub database: Database,
    /// NATS.
    pub broker: Broker,
}

/// The database, as it is seen now.
#[derive(Debug, Serialize)]
pub struct Database {
    /// Whether it answered.
    pub answers: bool,
    /// How long that took, milliseconds.
    pub took_ms: Option<f64>,
    /// Version of the server.
    pub version: Option<String>,
    /// Its schema against this build's.
    pub schema: Option<Schema>,
    /// Connections of this process.
    pub pool: Connections,
    /// Why it did not answer.
    pub error: Option<String>,
}

/// Connections of a pool.
#[derive(Debug, Serialize)]
pub struct Connections {
    /// Open.
    pub open: u32,
    /// Open and at rest.
    pub idle: usize,
    /// As many as may be.
    pub max: u32,
}

/// The broker, as it is seen now.
#[derive(Debug, Serialize)]
pub struct Broker {
    /// Whether the connection is up.
    pub connected: bool,
    /// Name and version of the server.
    pub server: Option<String>,
    /// Whether it writes to disk as policy asks; none when that cannot be told.
    pub durable: Option<bool>,
    /// Times that this process read too slowly.
    pub slow_consumers: u64,
}

impl Dependencies {
    /// Looks at everything at the same time; takes two seconds at most.
    pub async fn look(pool: &PgPool, bus: &Bus) -> Self {
        let (database, broker) = tokio::join!(Database::look(pool), Broker::look(bus));
        Self { database, broker }
    }
}

impl Database {
    async fn look(pool: &PgPool) -> Self {
        let started = Instant::now();
        let looked = async {
            let version: String = sqlx::query_scalar("SHOW server_version")
                .fetch_one(pool)
                .await?;
            let took = started.elapsed();
            Ok::<_, sqlx::Error>((version, took, Schema::look(pool).await?))
        };
        let (found, error) = match tokio::time::timeout(LOOK_MAX, looked).await {
            Ok(Ok(found)) => (Some(found), None),
            Ok(Err(error)) => (None, Some(error.to_string())),
            Err(_) => (None, Some("no answer in time".to_owned())),
        };
        let answers = found.is_some();
        let (version, took_ms, schema) = match found {
            Some((version, took, schema)) => (
                Some(version),
                Some(took.as_secs_f64() * 1000.0),
                Some(schema),
            ),
            None => (None, None, None),
        };
        Self {
            answers,
            took_ms,
            version,
            schema,
            pool: Connections {
                open: pool.size(),
                idle: pool.num_idle(),
                max: pool.options().get_max_connections(),
            },
            error,
        }
    }
}

impl Broker {
    async fn look(bus: &Bus) -> Self {
        let durable = tokio::time::timeout(LOOK_MAX, bus.check_durability()).await;
        Self {
            connected: bus.is_connected(),
            server: bus.server(),
            durable: match durable {
                Ok(Ok(())) => Some(true),
                Ok(Err(crate::bus::BusError::NotSynced)) => Some(false),
                Ok(Err(_)) | Err(_) => None,
            },
            slow_consumers: bus.slow_consumers(),
        }
    }
}
