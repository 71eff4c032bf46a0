//! The api and the workers: their environment, and one-off runs of the worker binary.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::secrets::Secrets;
use crate::host::{env, run};
use crate::net::pg_url::PgUrl;
use crate::servers::nats::NatsUrls;

/// What the launcher decides, in either spelling (`NAME`, `NAME_FILE`), and what only it knows: the binaries refuse
/// both spellings at once, and names that they do not know.
const OURS: [&str; 15] = [
    "MEDIQUE_NATS_URL",
    "MEDIQUE_NATS_MONITOR_URL",
    "MEDIQUE_DATABASE_URL",
    "MEDIQUE_JWT_SIGNING_KEY",
    "MEDIQUE_LINK_SECRET",
    "MEDIQUE_IDENTITY_KEY",
    "MEDIQUE_AUDIT_SIGNING_KEY",
    "MEDIQUE_MASTER_KEY",
    "MEDIQUE_PREVIOUS_MASTER_KEYS",
    "MEDIQUE_SMTP_URL",
    "MEDIQUE_METRICS_LISTEN",
    "MEDIQUE_OPERATOR_TOKEN",
    "MEDIQUE_DEV_BIN",
    "MEDIQUE_STATE",
    "MEDIQUE_TEST_",
];

/// What one binary alone knows; the other must not see it.
const API_PREFIXES: [&str; 19] = [
    "MEDIQUE_API_",
    "MEDIQUE_PUBLIC_",
    "MEDIQUE_JWT_",
    "MEDIQUE_ACCESS_",
    "MEDIQUE_SESSION_",
    "MEDIQUE_REVOCATION_",
    "MEDIQUE_OIDC_",
    "MEDIQUE_PUBLISH_",
    "MEDIQUE_MAX_BACKLOG",
    "MEDIQUE_SSE_",
    "MEDIQUE_LOGIN_",
    "MEDIQUE_TOTP_",
    "MEDIQUE_INVITATION_",
    "MEDIQUE_RESET_",
    "MEDIQUE_RATE_",
    "MEDIQUE_TRUSTED_",
    "MEDIQUE_CORS_",
    "MEDIQUE_PREVIOUS_IDENTITY_",
    "MEDIQUE_DRAIN_GRACE_",
];
const WORKER_PREFIXES: [&str; 10] = [
    "MEDIQUE_WORKER_",
    "MEDIQUE_LEASE_",
    "MEDIQUE_BATCH_",
    "MEDIQUE_LANES",
    "MEDIQUE_SCAN_",
    "MEDIQUE_AUDIT_",
    "MEDIQUE_RETENTION_",
    "MEDIQUE_MAIL_",
    "MEDIQUE_TRIAGE_GIVE_UP_",
    "MEDIQUE_TRIAGE_TRIP_",
];

/// Budgets of the api's rate limits on a developer's machine: `cargo dev load` and `cargo dev bench` post as one
/// person, thousands of times a second. Whoever sets a variable gets what it says.
const RATES: [&str; 5] = ["STAFF", "PATIENT", "ADDRESS", "CHECK_IN", "POSTER"];
const RATE_PER_MINUTE: &str = "60000000";
const RATE_BURST: &str = "1000000";

/// Where a process listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listening {
    pub(crate) port: u16,
    /// Of the Prometheus endpoint.
    pub(crate) metrics_port: u16,
}

impl Listening {
    fn metrics(self) -> String {
        format!("127.0.0.1:{}", self.metrics_port)
    }
}

/// Built binaries and what they need to know.
#[derive(Debug)]
pub(crate) struct Apps {
    pub(crate) bin_dir: PathBuf,
    pub(crate) nats_urls: NatsUrls,
    pub(crate) nats_monitor_url: Option<String>,
    pub(crate) require_sync_always: bool,
    /// Where workers hand mails over; may hold a password.
    pub(crate) smtp_url: String,
    /// Our collector; none when one was given, which the binaries find by themselves, or nothing is kept.
    pub(crate) otlp_url: Option<String>,
    /// Our stand-in for an adviser; none when a service was given, which the binaries find by themselves.
    pub(crate) adviser_url: Option<String>,
    pub(crate) secrets: Secrets,
}

impl Apps {
    pub(crate) fn api(&self, database: &PgUrl, at: Listening) -> Result<Command> {
        let port = at.port;
        let mut command = self.command("medique-api", &WORKER_PREFIXES, database);
        command
            .env("MEDIQUE_NATS_URL", &self.nats_urls.api)
            .env("MEDIQUE_API_LISTEN", format!("127.0.0.1:{port}"))
            .env("MEDIQUE_METRICS_LISTEN", at.metrics())
            .env("MEDIQUE_JWT_SIGNING_KEY_FILE", self.secrets.jwt_key()?)
            .env("MEDIQUE_LINK_SECRET_FILE", self.secrets.link_secret()?)
            .env("MEDIQUE_MASTER_KEY_FILE", self.secrets.master_key()?)
            .env("MEDIQUE_IDENTITY_KEY_FILE", self.secrets.identity_key()?)
            .env(
                "MEDIQUE_OPERATOR_TOKEN_FILE",
                self.secrets.operator_token()?,
            )
            .arg("serve");
        set_default(
            &mut command,
            "MEDIQUE_PUBLIC_URL",
            format!("http://127.0.0.1:{port}").into(),
        );
        // Demo logins are typed in all day long; whoever wants to see the second factor says so.
        set_default(&mut command, "MEDIQUE_TOTP_REQUIRED_ROLES", "none".into());
        // nobody routes requests to it who would have to notice
        set_default(&mut command, "MEDIQUE_DRAIN_GRACE_S", "0".into());
        for kind in RATES {
            let name = |part: &str| format!("MEDIQUE_RATE_{kind}_{part}");
            set_default(&mut command, &name("PER_MINUTE"), RATE_PER_MINUTE.into());
            set_default(&mut command, &name("BURST"), RATE_BURST.into());
        }
        Ok(command)
    }

    pub(crate) fn worker(&self, database: &PgUrl, at: Listening) -> Result<Command> {
        let port = at.port;
        let mut command = self.worker_binary(database);
        command
            .env("MEDIQUE_NATS_URL", &self.nats_urls.worker)
            .env("MEDIQUE_WORKER_LISTEN", format!("127.0.0.1:{port}"))
            .env("MEDIQUE_METRICS_LISTEN", at.metrics())
            .env("MEDIQUE_AUDIT_SIGNING_KEY_FILE", self.secrets.audit_key()?)
            .env("MEDIQUE_MASTER_KEY_FILE", self.secrets.master_key()?)
            .env(
                "MEDIQUE_OPERATOR_TOKEN_FILE",
                self.secrets.operator_token()?,
            )
            .env("MEDIQUE_SMTP_URL", &self.smtp_url)
            .arg("serve");
        let sender = "MediQue <no-reply@medique.example>";
        set_default(&mut command, "MEDIQUE_MAIL_FROM", sender.into());
        Ok(command)
    }

    /// Brings the database to the newest version, as its owner.
    pub(crate) fn migrate(&self, owner: &PgUrl) -> Result<()> {
        run::stdout_of(self.worker_binary(owner).arg("migrate")).map(drop)
    }

    /// Runs `medique-worker admin ARGS --json` as the owner and gives what it printed.
    pub(crate) fn admin(&self, owner: &PgUrl, args: &[&str]) -> Result<serde_json::Value> {
        let mut command = self.worker_binary(owner);
        command
            .env("MEDIQUE_NATS_URL", &self.nats_urls.admin)
            .env("MEDIQUE_LINK_SECRET_FILE", self.secrets.link_secret()?)
            .env("MEDIQUE_MASTER_KEY_FILE", self.secrets.master_key()?)
            .env("MEDIQUE_LOG", "warn")
            .arg("admin")
            .args(args)
            .arg("--json");
        let text = run::stdout_of(&mut command)?;
        let name = args.first().copied().unwrap_or_default();
        serde_json::from_str(&text)
            .with_context(|| format!("medique-worker admin {name} printed no JSON"))
    }

    fn worker_binary(&self, database: &PgUrl) -> Command {
        self.command("medique-worker", &API_PREFIXES, database)
    }

    fn command(&self, binary: &str, of_the_other: &[&str], database: &PgUrl) -> Command {
        let mut command = Command::new(self.bin_dir.join(binary));
        env::hide(&mut command, |name| is_unwanted(name, of_the_other));
        command.env("MEDIQUE_DATABASE_URL", database.to_string());
        set_default(&mut command, "MEDIQUE_LOG_FORMAT", "text".into());
        if let Some(url) = &self.nats_monitor_url {
            command.env("MEDIQUE_NATS_MONITOR_URL", url);
        }
        if let Some(url) = &self.adviser_url {
            command.env("MEDIQUE_AI_URL", url);
            set_default(&mut command, "MEDIQUE_AI_MODEL", "stand-in".into());
        }
        if let Some(url) = &self.otlp_url {
            command.env("MEDIQUE_OTLP_ENDPOINT", url);
        }
        if self.require_sync_always {
            command.env("MEDIQUE_REQUIRE_SYNC_ALWAYS", "true");
        }
        command
    }
}

fn is_unwanted(name: &str, of_the_other: &[&str]) -> bool {
    OURS.iter()
        .chain(of_the_other)
        .any(|prefix| name.starts_with(prefix))
}

fn set_default(command: &mut Command, name: &str, value: OsString) {
    if env::var(name).is_none() {
        command.env(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuning_reaches_the_binary_that_knows_it() {
        assert!(!is_unwanted("MEDIQUE_LANES", &API_PREFIXES));
        assert!(is_unwanted("MEDIQUE_LANES", &WORKER_PREFIXES));
        assert!(!is_unwanted("MEDIQUE_LOG", &API_PREFIXES));
        assert!(
            !is_unwanted("MEDIQUE_TYPO", &API_PREFIXES),
            "the binary names a wrong variable"
        );
    }

    #[test]
    fn the_launchers_own_variables_stay_with_it() {
        for name in [
            "MEDIQUE_STATE",
            "MEDIQUE_TEST_BIN_DIR",
            "MEDIQUE_DATABASE_URL",
        ] {
            assert!(is_unwanted(name, &[]), "{name}");
        }
    }
}
