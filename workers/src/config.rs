//! Configuration of the worker: environment over defaults, checked as a whole before anything starts.

use crate::mailer::MailConfig;
use chrono::TimeDelta;
use medique_domain::triage::Rules;
use medique_platform::ai::AiConfig;
use medique_platform::config::{Asked, BusConfig, ConfigError, DatabaseConfig, Env, LogConfig};
use medique_platform::health::OperatorToken;
use medique_platform::privacy::{Keys, MasterKeys};
use medique_platform::telemetry::TelemetryConfig;
use medique_platform::tls::ServerTls;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::time::Duration;

/// What a worker process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Roles {
    /// Applies commands and publishes their events.
    Commands,
    /// Does what time alone causes.
    Scheduler,
    /// Sends mails.
    Mailer,
    /// Asks the adviser.
    Triage,
    /// Everything.
    All,
}

impl Roles {
    /// Whether `role` is part of this.
    pub fn includes(self, role: Self) -> bool {
        self == Self::All || self == role
    }

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Scheduler => "scheduler",
            Self::Mailer => "mailer",
            Self::Triage => "triage",
            Self::All => "all",
        }
    }
}

/// Everything that `serve` needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// What this process does.
    pub roles: Roles,
    /// Broker.
    pub bus: BusConfig,
    /// Database.
    pub database: DatabaseConfig,
    /// Logs.
    pub log: LogConfig,
    /// `MEDIQUE_METRICS_*`, `MEDIQUE_OTLP_*`, `MEDIQUE_TRACE_*`, `MEDIQUE_SENTRY_DSN`: who is told
    /// what happens here.
    pub telemetry: TelemetryConfig,
    /// `MEDIQUE_WORKER_LISTEN`: address of the health endpoints, which nobody else needs to reach.
    pub listen: SocketAddr,
    /// `MEDIQUE_TLS_*`: what is shown to who connects.
    pub tls: Option<ServerTls>,
    /// `MEDIQUE_WORKER_ID`: name among the workers, each its own; random when it is not set.
    pub worker_id: String,
    /// `MEDIQUE_LEASE_TTL_MS`: how long a partition stays with an owner that says nothing. Shorter
    /// means faster takeover, and more partitions lost to a pause.
    pub lease_ttl: Duration,
    /// `MEDIQUE_LEASE_RENEW_MS`: how often leases are renewed and shares compared.
    pub lease_renew: Duration,
    /// `MEDIQUE_BATCH_MAX`: most commands in one transaction.
    pub batch_max: usize,
    /// `MEDIQUE_LANES`: transactions in progress at the same time. A lane and its database connection
    /// keep two cores busy, and more lanes mean smaller batches.
    pub lanes: usize,
    /// `MEDIQUE_SCAN_TTL_MINUTES`: how long a scan may wait for its intake.
    pub scan_ttl: Duration,
    /// `MEDIQUE_AUDIT_SIGNING_KEY`: Ed25519 key (PKCS#8 PEM) of the daily audit root; without one no
    /// root is written.
    pub audit_key: Option<SecretString>,
    /// Where mails are handed over; without it they wait.
    pub mail: Option<MailConfig>,
    /// `MEDIQUE_AI_*`: the adviser; without one there is no advice.
    pub ai: Option<AiConfig>,
    /// `MEDIQUE_TRIAGE_GIVE_UP_S`: age of a question to the adviser after which its failure is
    /// recorded.
    pub triage_give_up: Duration,
    /// What seals personal data.
    pub keys: Keys,
    /// `MEDIQUE_RETENTION_DAYS`: how long after the arrival it is known who a visit was of.
    pub keep_persons: TimeDelta,
    /// `MEDIQUE_TRIAGE_TRIP_PERCENT`: the scheduler switches the adviser off when more of its last
    /// suggestions than this were less urgent than the clinician's level, at 100 it
    /// never does.
    pub trip_percent: u8,
    /// Rules of the safety floor.
    pub rules: Rules,
    /// `MEDIQUE_DRAIN_DEADLINE_S`: how long a stop may take.
    pub drain_deadline: Duration,
    /// Who may read how the parts stand.
    pub operator: OperatorToken,
}

impl Config {
    /// Reads and checks the environment.
    ///
    /// # Errors
    /// Every problem that was found, each with the name of its variable.
    pub fn read(mut env: Env, roles: Roles) -> Result<Self, ConfigError> {
        let config = Self::fill(&mut env, roles);
        env.finish().map(|()| config)
    }

    /// Every variable that `serve` knows.
    pub fn variables() -> Vec<Asked> {
        let mut env = Env::default();
        Self::fill(&mut env, Roles::All);
        env.asked().to_vec()
    }

    fn fill(env: &mut Env, roles: Roles) -> Self {
        let tls = ServerTls::read(env);
        let config = Self {
            roles,
            bus: BusConfig::read(env),
            database: DatabaseConfig::read(env),
            log: LogConfig::read(env),
            telemetry: TelemetryConfig::read(env, tls.as_ref()),
            listen: Self::read_listen(env),
            tls,
            worker_id: env
                .text("MEDIQUE_WORKER_ID")
                .unwrap_or_else(|| format!("worker-{}", uuid::Uuid::new_v4().simple())),
            lease_ttl: env.millis("MEDIQUE_LEASE_TTL_MS", 3000),
            lease_renew: env.millis("MEDIQUE_LEASE_RENEW_MS", 1000),
            batch_max: env.within("MEDIQUE_BATCH_MAX", 256, 1..=1000),
            lanes: env.within_or(
                "MEDIQUE_LANES",
                (default_lanes(), "half of the cores, at least 1"),
                1..=16,
            ),
            scan_ttl: Duration::from_secs(
                60 * env.within("MEDIQUE_SCAN_TTL_MINUTES", 30, 1..=1440),
            ),
            audit_key: env.secret("MEDIQUE_AUDIT_SIGNING_KEY"),
            mail: MailConfig::read(env),
            ai: AiConfig::read(env),
            triage_give_up: env.seconds("MEDIQUE_TRIAGE_GIVE_UP_S", 60),
            keys: Keys::new(MasterKeys::read(env)),
            keep_persons: Self::read_keep_persons(env),
            trip_percent: env.within("MEDIQUE_TRIAGE_TRIP_PERCENT", 10, 0..=100),
            rules: read_rules(env),
            drain_deadline: env.seconds("MEDIQUE_DRAIN_DEADLINE_S", 20),
            operator: OperatorToken::read(env),
        };
        config.check(env);
        // Only `admin create-user` uses them; a mistake in them is told by every process.
        medique_platform::password::Policy::read(env);
        medique_platform::password::Hashing::read(env);
        config
    }

    /// `MEDIQUE_RETENTION_DAYS` alone, for the admin command line.
    pub fn read_keep_persons(env: &mut Env) -> TimeDelta {
        TimeDelta::days(env.within("MEDIQUE_RETENTION_DAYS", 3650, 1..=36_500))
    }

    /// `MEDIQUE_WORKER_LISTEN` alone, for the health check.
    pub fn read_listen(env: &mut Env) -> SocketAddr {
        env.parsed(
            "MEDIQUE_WORKER_LISTEN",
            SocketAddr::from(([127, 0, 0, 1], 8081)),
        )
    }

    fn check(&self, env: &mut Env) {
        env.check(
            self.lease_renew * 2 <= self.lease_ttl,
            "MEDIQUE_LEASE_RENEW_MS: must be at most half of MEDIQUE_LEASE_TTL_MS, or a lease runs out between two renewals",
        );
        if let Some(key) = &self.audit_key
            && crate::audit::signing_key(key).is_err()
        {
            env.problem("MEDIQUE_AUDIT_SIGNING_KEY: is not an Ed25519 key in PKCS#8 PEM");
        }
    }
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

fn default_lanes() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, 16)
}
