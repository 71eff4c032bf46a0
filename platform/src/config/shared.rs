//! Settings that more than one process reads.

use super::Env;
use secrecy::SecretString;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const GIB: u64 = 1 << 30;

/// How to reach the broker, and what its streams must look like.
#[derive(Debug, Clone)]
pub struct BusConfig {
    /// `MEDIQUE_NATS_URL`: the broker, `nats://user:password@host:port`, or several with commas
    /// between them.
    pub url: SecretString,
    /// `MEDIQUE_STREAM_REPLICAS`: copies of each stream; 3 in production.
    pub replicas: u8,
    /// `MEDIQUE_COMMANDS_MAX_BYTES`: bound of the COMMANDS stream; new commands are refused beyond
    /// it.
    pub commands_max_bytes: u64,
    /// `MEDIQUE_EVENTS_MAX_BYTES`: bound of the EVENTS stream; the oldest events go beyond it.
    pub events_max_bytes: u64,
    /// `MEDIQUE_DUPLICATE_WINDOW_S`: for how long the broker itself recognises a message id.
    pub duplicate_window: Duration,
    /// `MEDIQUE_COMMANDS_RETENTION_S`: how long a decided command stays in the stream.
    pub commands_retention: Duration,
    /// `MEDIQUE_REQUIRE_SYNC_ALWAYS`: whether readiness demands that the broker writes to disk
    /// before it answers.
    pub require_sync_always: bool,
    /// `MEDIQUE_NATS_MONITOR_URL`: the broker's monitoring address, `http://host:port`; required
    /// with `MEDIQUE_REQUIRE_SYNC_ALWAYS`.
    pub monitor_url: Option<String>,
}

impl BusConfig {
    /// The same, for who can do without a broker: none when no address is given.
    pub fn read_if_set(env: &mut Env) -> Option<Self> {
        env.has_secret("MEDIQUE_NATS_URL").then(|| Self::read(env))
    }

    /// Reads `MEDIQUE_NATS_*`, `MEDIQUE_STREAM_*` and what belongs to them.
    pub fn read(env: &mut Env) -> Self {
        let config = Self {
            url: env.required_secret("MEDIQUE_NATS_URL"),
            replicas: env.within("MEDIQUE_STREAM_REPLICAS", 1, 1..=5),
            commands_max_bytes: env.within("MEDIQUE_COMMANDS_MAX_BYTES", 8 * GIB, 1..=1024 * GIB),
            events_max_bytes: env.within("MEDIQUE_EVENTS_MAX_BYTES", 16 * GIB, 1..=1024 * GIB),
            duplicate_window: env.seconds("MEDIQUE_DUPLICATE_WINDOW_S", 900),
            commands_retention: env.seconds("MEDIQUE_COMMANDS_RETENTION_S", 86_400),
            require_sync_always: env.parsed("MEDIQUE_REQUIRE_SYNC_ALWAYS", false),
            monitor_url: env.text("MEDIQUE_NATS_MONITOR_URL"),
        };
        env.check(
            !config.require_sync_always || config.monitor_url.is_some(),
            "MEDIQUE_NATS_MONITOR_URL: must be set when MEDIQUE_REQUIRE_SYNC_ALWAYS is true",
        );
        env.check(
            config
                .monitor_url
                .as_ref()
                .is_none_or(|url| url.starts_with("http://")),
            "MEDIQUE_NATS_MONITOR_URL: must begin with http://",
        );
        config
    }
}

/// How to reach Postgres.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `MEDIQUE_DATABASE_URL`: the database, `postgres://user:password@host:port/database`.
    pub url: SecretString,
    /// `MEDIQUE_POOL_MAX`: most database connections of this process.
    pub pool_max: u32,
}

impl DatabaseConfig {
    /// Reads `MEDIQUE_DATABASE_URL` and `MEDIQUE_POOL_MAX`.
    pub fn read(env: &mut Env) -> Self {
        Self {
            url: env.required_secret("MEDIQUE_DATABASE_URL"),
            pool_max: env.within("MEDIQUE_POOL_MAX", 16, 1..=1000),
        }
    }
}

/// What to log, and how.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `MEDIQUE_LOG`: what is logged, a filter such as `info,medique_workers=debug`.
    pub filter: String,
    /// `MEDIQUE_LOG_FORMAT`: shape of a line on standard error, `json` or `text`.
    pub format: LogFormat,
}

/// Shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Text => "text",
        })
    }
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("must be json or text"),
        }
    }
}

impl LogConfig {
    /// Reads `MEDIQUE_LOG` and `MEDIQUE_LOG_FORMAT`.
    pub fn read(env: &mut Env) -> Self {
        Self {
            filter: env.text_or("MEDIQUE_LOG", "info"),
            format: env.parsed("MEDIQUE_LOG_FORMAT", LogFormat::Json),
        }
    }
}
