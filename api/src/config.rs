//! Configuration of the API, read from the environment once at the start.

use medique_platform::bus::PublisherConfig;
use medique_platform::config::{BusConfig, ConfigError, DatabaseConfig, Env, LogConfig};
use medique_platform::privacy::{Keys, MasterKeys};
use secrecy::SecretString;
use std::net::SocketAddr;
use std::time::Duration;

/// Shortest secret accepted for signing links, bytes.
const LINK_SECRET_BYTES_MIN: usize = 32;
/// Longest deadline of a publish: half the life that a message is given.
const PUBLISH_DEADLINE_MAX: Duration = Duration::from_secs(30);

/// Everything that the API can be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The broker and its streams.
    pub bus: BusConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// What to log.
    pub log: LogConfig,
    /// `MEDIQUE_API_LISTEN`: address to listen on.
    pub listen: SocketAddr,
    /// `MEDIQUE_PUBLIC_URL`: where browsers reach the API; stands in the API description.
    pub public_url: Option<String>,
    /// `MEDIQUE_JWT_SIGNING_KEY`: Ed25519 private key, PKCS#8 PEM.
    pub jwt_signing_key: SecretString,
    /// `MEDIQUE_LINK_SECRET`: signs check-in links and position tokens.
    pub link_secret: SecretString,
    /// `MEDIQUE_MASTER_KEY` and `MEDIQUE_PREVIOUS_MASTER_KEYS`: what personal data are sealed by.
    pub keys: Keys,
    /// `MEDIQUE_ACCESS_TOKEN_TTL_S`: life of a staff token. A disabled account keeps what it can do
    /// until its last token ends, so longer is less safe; shorter means more sign-ins.
    pub access_token_ttl: Duration,
    /// `MEDIQUE_PUBLISH_*`: how long acceptance by the broker may take.
    pub publisher: PublisherConfig,
    /// `MEDIQUE_MAX_BACKLOG`: accepted but undecided commands above which no more are accepted.
    pub max_backlog: u64,
    /// `MEDIQUE_SSE_HEARTBEAT_S`: pause between comments on a silent live stream.
    pub sse_heartbeat: Duration,
    /// `MEDIQUE_SSE_CLIENT_QUEUE`: events that may wait for one slow client.
    pub sse_client_queue: usize,
    /// `MEDIQUE_DRAIN_DEADLINE_S`: time for open requests at the end.
    pub drain_deadline: Duration,
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// Names every variable that is missing, unknown, unreadable or in contradiction to another.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let config = Self {
            bus: BusConfig::read(&mut env),
            database: DatabaseConfig::read(&mut env),
            log: LogConfig::read(&mut env),
            listen: env.parsed(
                "MEDIQUE_API_LISTEN",
                SocketAddr::from(([127, 0, 0, 1], 8080)),
            ),
            public_url: env.text("MEDIQUE_PUBLIC_URL"),
            jwt_signing_key: env.required_secret("MEDIQUE_JWT_SIGNING_KEY"),
            link_secret: env.required_key("MEDIQUE_LINK_SECRET", LINK_SECRET_BYTES_MIN),
            keys: Keys::new(MasterKeys::read(&mut env)),
            access_token_ttl: Duration::from_secs(env.within(
                "MEDIQUE_ACCESS_TOKEN_TTL_S",
                600,
                30..=86_400,
            )),
            publisher: PublisherConfig::read(&mut env),
            max_backlog: env.within("MEDIQUE_MAX_BACKLOG", 4000, 1..=1_000_000_000),
            sse_heartbeat: Duration::from_secs(env.within("MEDIQUE_SSE_HEARTBEAT_S", 15, 1..=300)),
            sse_client_queue: env.within("MEDIQUE_SSE_CLIENT_QUEUE", 256, 1..=65_536),
            drain_deadline: env.seconds("MEDIQUE_DRAIN_DEADLINE_S", 20),
        };
        env.check(
            config.publisher.deadline <= PUBLISH_DEADLINE_MAX,
            "MEDIQUE_PUBLISH_DEADLINE_MS: must not exceed 30000, half the life of a message",
        );
        env.finish()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [(&str, &str); 5] = [
        ("MEDIQUE_NATS_URL", "nats://localhost:4222"),
        ("MEDIQUE_DATABASE_URL", "postgres://localhost/medique"),
        (
            "MEDIQUE_JWT_SIGNING_KEY",
            "read by the token keys, not here",
        ),
        ("MEDIQUE_LINK_SECRET", "0123456789abcdef0123456789abcdef"),
        (
            "MEDIQUE_MASTER_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ];

    fn problems(extra: &[(&str, &str)]) -> Vec<String> {
        let pairs = NEEDED.iter().chain(extra).copied();
        Config::read(Env::from_pairs(pairs)).map_or_else(|error| error.problems, |_| Vec::new())
    }

    #[test]
    fn the_defaults_need_five_variables() {
        assert_eq!(problems(&[]), Vec::<String>::new());
    }

    #[test]
    fn contradictions_and_unknown_variables_are_named() {
        for (pair, named) in [
            (
                ("MEDIQUE_PUBLISH_TRY_TIMEOUT_MS", "6000"),
                "MEDIQUE_PUBLISH_TRY_TIMEOUT_MS",
            ),
            (
                ("MEDIQUE_PUBLISH_DEADLINE_MS", "60000"),
                "MEDIQUE_PUBLISH_DEADLINE_MS",
            ),
            (("MEDIQUE_LINK_SECRET", "short"), "MEDIQUE_LINK_SECRET"),
            (("MEDIQUE_MASTER_KEY", "c2hvcnQ="), "MEDIQUE_MASTER_KEY"),
            (("MEDIQUE_SSE_HEARTBEAT_S", "0"), "MEDIQUE_SSE_HEARTBEAT_S"),
            (("MEDIQUE_SSE_HARTBEAT_S", "15"), "MEDIQUE_SSE_HARTBEAT_S"),
        ] {
            let problems = problems(&[pair]);
            assert!(
                problems.iter().any(|problem| problem.starts_with(named)),
                "{problems:?}"
            );
        }
    }
}
