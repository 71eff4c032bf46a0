//! Configuration of the API, read from the environment once at the start.

use crate::auth::oidc::{self, OidcConfig};
use crate::auth::policy::IdentityPolicy;
use crate::auth::sessions::SessionPolicy;
use crate::client::TrustedProxies;
use crate::cors::Cors;
use crate::limits::RateConfig;
use medique_domain::triage::Rules;
use medique_platform::ai::AiConfig;
use medique_platform::bus::PublisherConfig;
use medique_platform::config::{Asked, BusConfig, ConfigError, DatabaseConfig, Env, LogConfig};
use medique_platform::health::OperatorToken;
use medique_platform::privacy::{Keys, MasterKeys};
use medique_platform::telemetry::TelemetryConfig;
use medique_platform::tls::ServerTls;
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
    /// `MEDIQUE_METRICS_*`, `MEDIQUE_OTLP_*`, `MEDIQUE_TRACE_*`, `MEDIQUE_SENTRY_DSN`: who is told
    /// what happens here.
    pub telemetry: TelemetryConfig,
    /// `MEDIQUE_API_LISTEN`: address to listen on.
    pub listen: SocketAddr,
    /// `MEDIQUE_TLS_*`: what is shown to who connects.
    pub tls: Option<ServerTls>,
    /// `MEDIQUE_PUBLIC_URL`: where browsers reach the API; stands in the API description.
    pub public_url: Option<String>,
    /// `MEDIQUE_TRUSTED_*`: whose word about the client's address is taken.
    pub proxies: TrustedProxies,
    /// `MEDIQUE_CORS_ORIGINS`: other origins whose pages may read answers; none by default.
    pub cors: Cors,
    /// `MEDIQUE_RATE_*`: who may ask how much.
    pub rates: RateConfig,
    /// `MEDIQUE_API_*`: bounds on connections.
    pub connections: Connections,
    /// `MEDIQUE_JWT_SIGNING_KEY`: Ed25519 private key, PKCS#8 PEM.
    pub jwt_signing_key: SecretString,
    /// `MEDIQUE_JWT_PREVIOUS_KEYS`: files of further Ed25519 keys in PEM, private or public, with
    /// commas between; what they sign is accepted. The keys before and after a change of the
    /// signing key.
    pub jwt_further_keys: Vec<SecretString>,
    /// `MEDIQUE_LINK_SECRET`: signs check-in links and position tokens.
    pub link_secret: SecretString,
    /// What personal data are sealed by.
    pub keys: Keys,
    /// `MEDIQUE_ACCESS_TOKEN_TTL_S`: life of a staff token. Shorter means more refreshes.
    pub access_token_ttl: Duration,
    /// `MEDIQUE_IDENTITY_KEY`, `MEDIQUE_PASSWORD_*`, `MEDIQUE_LOGIN_*` and what belongs to them:
    /// accounts and signing in.
    pub identity: IdentityPolicy,
    /// `MEDIQUE_SESSION_*`, `MEDIQUE_REVOCATION_*`: how long sessions live.
    pub sessions: SessionPolicy,
    /// `MEDIQUE_OIDC_CONFIG`: file that says which external issuers are trusted.
    pub oidc: Option<OidcConfig>,
    /// `MEDIQUE_TRIAGE_RULES`: file with the rules of the safety floor, the same for workers and api;
    /// those that are compiled in when it is not set.
    pub rules: Rules,
    /// `MEDIQUE_PUBLISH_*`: how long acceptance by the broker may take.
    pub publisher: PublisherConfig,
    /// `MEDIQUE_AI_*`: the service that writes operations reports; without one there is none.
    pub ai: Option<AiConfig>,
    /// `MEDIQUE_MAX_BACKLOG`: accepted but undecided commands above which no more are accepted.
    pub max_backlog: u64,
    /// `MEDIQUE_SSE_HEARTBEAT_S`: pause between comments on a silent live stream.
    pub sse_heartbeat: Duration,
    /// `MEDIQUE_SSE_CLIENT_QUEUE`: events that may wait for one slow client.
    pub sse_client_queue: usize,
    /// `MEDIQUE_DRAIN_GRACE_S`: how long a replica that was asked to end goes on serving while its
    /// readiness says no: as long as whoever routes requests to it needs to notice. 0 where nobody
    /// asks.
    pub drain_grace: Duration,
    /// `MEDIQUE_DRAIN_DEADLINE_S`: how long a stop may take (of an api, after its grace), for what is
    /// in hand to be finished.
    pub drain_deadline: Duration,
    /// Who may read how the parts stand.
    pub operator: OperatorToken,
}

/// Bounds on connections.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// `MEDIQUE_API_CONNECTIONS_MAX`: most connections at a time, live streams included; further
    /// ones wait until one ends.
    pub max: usize,
    /// `MEDIQUE_API_HEAD_TIMEOUT_S`: how long the head of a request may take, from the opening of
    /// the connection or the end of the request before it.
    pub head_timeout: Duration,
    /// `MEDIQUE_API_STALL_TIMEOUT_S`: how long a client may take nothing of an answer.
    pub stall_timeout: Duration,
    /// `MEDIQUE_API_HEAD_BYTES_MAX`: longest head of a request.
    pub head_bytes_max: usize,
}

impl Connections {
    fn read(env: &mut Env) -> Self {
        Self {
            max: env.within("MEDIQUE_API_CONNECTIONS_MAX", 10_000, 1..=1_000_000),
            head_timeout: env.seconds("MEDIQUE_API_HEAD_TIMEOUT_S", 20),
            stall_timeout: env.seconds("MEDIQUE_API_STALL_TIMEOUT_S", 30),
            head_bytes_max: env.within("MEDIQUE_API_HEAD_BYTES_MAX", 32 * 1024, 8192..=1_048_576),
        }
    }
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// Names every variable that is missing, unknown, unreadable or in contradiction to another.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let config = Self::fill(&mut env);
        env.finish().map(|()| config)
    }

    /// Every variable that the api knows.
    pub fn variables() -> Vec<Asked> {
        let mut env = Env::default();
        Self::fill(&mut env);
        env.asked().to_vec()
    }

    fn fill(env: &mut Env) -> Self {
        let access_token_ttl =
            Duration::from_secs(env.within("MEDIQUE_ACCESS_TOKEN_TTL_S", 600, 30..=86_400));
        let tls = ServerTls::read(env);
        let config = Self {
            bus: BusConfig::read(env),
            database: DatabaseConfig::read(env),
            log: LogConfig::read(env),
            telemetry: TelemetryConfig::read(env, tls.as_ref()),
            listen: Self::read_listen(env),
            tls,
            public_url: env.text("MEDIQUE_PUBLIC_URL"),
            proxies: TrustedProxies::read(env),
            cors: Cors::read(env),
            rates: RateConfig::read(env),
            connections: Connections::read(env),
            jwt_signing_key: env.required_secret("MEDIQUE_JWT_SIGNING_KEY"),
            link_secret: env.required_key("MEDIQUE_LINK_SECRET", LINK_SECRET_BYTES_MIN),
            keys: Keys::new(MasterKeys::read(env)),
            jwt_further_keys: further_keys(env),
            access_token_ttl,
            identity: IdentityPolicy::read(env),
            sessions: SessionPolicy::read(env, access_token_ttl),
            oidc: oidc::config::read(env),
            rules: read_rules(env),
            publisher: PublisherConfig::read(env),
            ai: AiConfig::read(env),
            max_backlog: env.within("MEDIQUE_MAX_BACKLOG", 4000, 1..=1_000_000_000),
            sse_heartbeat: Duration::from_secs(env.within("MEDIQUE_SSE_HEARTBEAT_S", 15, 1..=300)),
            sse_client_queue: env.within("MEDIQUE_SSE_CLIENT_QUEUE", 256, 1..=65_536),
            drain_grace: Duration::from_secs(env.within("MEDIQUE_DRAIN_GRACE_S", 5, 0..=600)),
            drain_deadline: env.seconds("MEDIQUE_DRAIN_DEADLINE_S", 20),
            operator: OperatorToken::read(env),
        };
        env.check(
            config.publisher.deadline <= PUBLISH_DEADLINE_MAX,
            "MEDIQUE_PUBLISH_DEADLINE_MS: must not exceed 30000, half the life of a message",
        );
        config
    }
}

impl Config {
    /// `MEDIQUE_API_LISTEN` alone, for the health check.
    pub fn read_listen(env: &mut Env) -> SocketAddr {
        env.parsed(
            "MEDIQUE_API_LISTEN",
            SocketAddr::from(([127, 0, 0, 1], 8080)),
        )
    }

    /// Where links in mails lead: what is configured, never what a request claims.
    pub fn public_base(&self) -> String {
        let listen = || format!("http://{}", self.listen);
        self.public_url.clone().unwrap_or_else(listen)
    }
}

/// Reads the files that `MEDIQUE_JWT_PREVIOUS_KEYS` names.
fn further_keys(env: &mut Env) -> Vec<SecretString> {
    let list = env.text("MEDIQUE_JWT_PREVIOUS_KEYS").unwrap_or_default();
    let mut keys = Vec::new();
    for path in list
        .split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty())
    {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                if text.contains("PRIVATE KEY") {
                    env.refuse_shared("MEDIQUE_JWT_PREVIOUS_KEYS", path);
                }
                keys.push(SecretString::from(text));
            }
            Err(error) => env.problem(format!("MEDIQUE_JWT_PREVIOUS_KEYS: {path}: {error}")),
        }
    }
    keys
}

/// The rules in the file that `MEDIQUE_TRIAGE_RULES` names, or those that are compiled in.
fn read_rules(env: &mut Env) -> Rules {
    const VARIABLE: &str = "MEDIQUE_TRIAGE_RULES";
    match env.document(VARIABLE).map(|text| Rules::parse(&text)) {
        None => Rules::default(),
        Some(Ok(rules)) => rules,
        Some(Err(error)) => {
            env.problem(format!("{VARIABLE}: {error}"));
            Rules::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::vocabulary::Role;

    const NEEDED: [(&str, &str); 6] = [
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
        (
            "MEDIQUE_IDENTITY_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ];

    fn problems(extra: &[(&str, &str)]) -> Vec<String> {
        let pairs = NEEDED.iter().chain(extra).copied();
        Config::read(Env::from_pairs(pairs)).map_or_else(|error| error.problems, |_| Vec::new())
    }

    #[test]
    fn the_defaults_need_six_variables() {
        assert_eq!(problems(&[]), Vec::<String>::new());
    }

    #[test]
    fn administrators_need_a_second_factor_unless_somebody_says_otherwise() {
        let roles = |list: &str| {
            let list = ("MEDIQUE_TOTP_REQUIRED_ROLES", list);
            let config = Config::read(Env::from_pairs(NEEDED.into_iter().chain([list])));
            config.unwrap().identity.totp_roles
        };
        assert_eq!(roles(""), [Role::Admin]);
        assert_eq!(roles("none"), []);
        assert_eq!(roles("NURSE, ADMIN"), [Role::Nurse, Role::Admin]);
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
            (
                ("MEDIQUE_IDENTITY_KEY", "too short"),
                "MEDIQUE_IDENTITY_KEY",
            ),
            (
                ("MEDIQUE_PREVIOUS_IDENTITY_KEYS", "too short"),
                "MEDIQUE_PREVIOUS_IDENTITY_KEYS",
            ),
            (
                ("MEDIQUE_TOTP_REQUIRED_ROLES", "ADMIN,PATIENT"),
                "MEDIQUE_TOTP_REQUIRED_ROLES",
            ),
            (
                ("MEDIQUE_TOTP_REQUIRED_ROLES", "none,NURSE"),
                "MEDIQUE_TOTP_REQUIRED_ROLES",
            ),
            (
                ("MEDIQUE_LOGIN_BLOCK_MAX_S", "1"),
                "MEDIQUE_LOGIN_BLOCK_FIRST_S",
            ),
            (("MEDIQUE_LOGIN_FORGET_S", "60"), "MEDIQUE_LOGIN_FORGET_S"),
            (("MEDIQUE_SESSION_IDLE_S", "60"), "MEDIQUE_SESSION_IDLE_S"),
            (("MEDIQUE_SESSION_MAX_S", "900"), "MEDIQUE_SESSION_IDLE_S"),
            (
                ("MEDIQUE_OIDC_CONFIG", "/nowhere/at/all"),
                "MEDIQUE_OIDC_CONFIG",
            ),
            (
                ("MEDIQUE_JWT_PREVIOUS_KEYS", "/nowhere/at/all"),
                "MEDIQUE_JWT_PREVIOUS_KEYS",
            ),
            (("MEDIQUE_SSE_HEARTBEAT_S", "0"), "MEDIQUE_SSE_HEARTBEAT_S"),
            (("MEDIQUE_SSE_HARTBEAT_S", "15"), "MEDIQUE_SSE_HARTBEAT_S"),
            (("MEDIQUE_CORS_ORIGINS", "*"), "MEDIQUE_CORS_ORIGINS"),
            (
                ("MEDIQUE_RATE_STAFF_PER_MINUTE", "0"),
                "MEDIQUE_RATE_STAFF_PER_MINUTE",
            ),
            (
                ("MEDIQUE_API_CONNECTIONS_MAX", "0"),
                "MEDIQUE_API_CONNECTIONS_MAX",
            ),
            (
                ("MEDIQUE_OTLP_ENDPOINT", "collector:4318"),
                "MEDIQUE_OTLP_ENDPOINT",
            ),
            (
                ("MEDIQUE_TRUSTED_PROXIES", "proxy"),
                "MEDIQUE_TRUSTED_PROXIES",
            ),
            (
                ("MEDIQUE_TRUSTED_PROXY_HEADER", "forwarded"),
                "MEDIQUE_TRUSTED_PROXY_HEADER",
            ),
        ] {
            let problems = problems(&[pair]);
            assert!(
                problems.iter().any(|problem| problem.starts_with(named)),
                "{problems:?}"
            );
        }
    }
}
