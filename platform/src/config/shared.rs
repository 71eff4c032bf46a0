//! Settings that more than one process reads.

use super::Env;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

const GIB: u64 = 1 << 30;

/// How to reach the broker, and what its streams must look like.
#[derive(Debug, Clone)]
pub struct BusConfig {
    /// `MEDIQUE_NATS_URL`: the broker, `nats://user:password@host:port`, or `tls://host:port` where a
    /// certificate tells who comes (`tls://user@host:port` when the user is not named as the
    /// process is), or several with commas between them.
    pub url: SecretString,
    /// How the broker and we believe each other, where that takes certificates.
    pub tls: BusTls,
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
    /// `MEDIQUE_NATS_MONITOR_URL`: the broker's monitoring address, `http://host:port` or
    /// `https://host:port`, which `MEDIQUE_NATS_CA` vouches for; required with
    /// `MEDIQUE_REQUIRE_SYNC_ALWAYS`.
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
            tls: BusTls::read(env),
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
                .is_none_or(|url| url.starts_with("http://") || url.starts_with("https://")),
            "MEDIQUE_NATS_MONITOR_URL: must begin with http:// or https://",
        );
        config
    }
}

/// Certificates for the connection to the broker. With any of them there is no connection without
/// TLS. The files are read at each connection: replacing them takes no restart.
#[derive(Debug, Clone, Default)]
pub struct BusTls {
    /// `MEDIQUE_NATS_CA`: file of the authorities that vouch for the broker, PEM; those of the system
    /// when absent.
    pub ca: Option<PathBuf>,
    /// `MEDIQUE_NATS_CERTIFICATE`, `MEDIQUE_NATS_CERTIFICATE_KEY`: files by which the broker knows
    /// the process, PEM; both or neither.
    pub client: Option<ClientCertificate>,
}

/// Files by which a server knows us.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl BusTls {
    fn read(env: &mut Env) -> Self {
        const NAMES: [&str; 3] = [
            "MEDIQUE_NATS_CA",
            "MEDIQUE_NATS_CERTIFICATE",
            "MEDIQUE_NATS_CERTIFICATE_KEY",
        ];
        let [ca, certificate, key] = NAMES.map(|name| {
            let path = env.path(name)?;
            if let Err(error) = std::fs::File::open(&path) {
                env.problem(format!("{name}: {error}"));
            }
            Some(PathBuf::from(path))
        });
        if let Some(key) = key.as_ref().and_then(|path| path.to_str()) {
            env.refuse_shared(NAMES[2], key);
        }
        env.check(
            certificate.is_some() == key.is_some(),
            "MEDIQUE_NATS_CERTIFICATE and MEDIQUE_NATS_CERTIFICATE_KEY: set both or neither",
        );
        let client = certificate.zip(key);
        Self {
            ca,
            client: client.map(|(certificate, key)| ClientCertificate { certificate, key }),
        }
    }

    /// Whether nothing but TLS will do.
    pub fn is_required(&self) -> bool {
        self.ca.is_some() || self.client.is_some()
    }
}

/// How to reach Postgres.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `MEDIQUE_DATABASE_URL`: the database, `postgres://user:password@host:port/database`, with
    /// `?sslmode=verify-full&sslrootcert=FILE` and `&sslcert=FILE&sslkey=FILE` where both sides show
    /// certificates. The files are read at each connection: replacing them takes no restart.
    pub url: SecretString,
    /// `MEDIQUE_POOL_MAX`: most database connections of this process.
    pub pool_max: u32,
}

impl DatabaseConfig {
    /// Reads `MEDIQUE_DATABASE_URL` and `MEDIQUE_POOL_MAX`.
    pub fn read(env: &mut Env) -> Self {
        let url = env.required_secret("MEDIQUE_DATABASE_URL");
        if let Some(key) = client_key(url.expose_secret()) {
            env.refuse_shared("MEDIQUE_DATABASE_URL: sslkey", &key);
        }
        Self {
            url,
            pool_max: env.within("MEDIQUE_POOL_MAX", 16, 1..=1000),
        }
    }
}

/// The file with our private key that a database's URL names.
fn client_key(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, path) = pairs.find(|(name, _)| matches!(*name, "sslkey" | "ssl-key"))?;
    Some(percent_decode_str(path).decode_utf8_lossy().into_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    const URL: (&str, &str) = ("MEDIQUE_NATS_URL", "tls://h");

    fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut env = Env::from_pairs([URL].iter().chain(pairs).copied());
        BusConfig::read(&mut env);
        env.finish()
            .map_or_else(|error| error.problems, |()| Vec::new())
    }

    #[test]
    fn a_certificate_needs_its_key_and_files_must_be_there() {
        let half = problems(&[("MEDIQUE_NATS_CERTIFICATE", "/dev/null")]);
        assert!(half[0].contains("both or neither"), "{half:?}");
        let missing = problems(&[("MEDIQUE_NATS_CA", "/nowhere/at/all")]);
        assert!(missing[0].starts_with("MEDIQUE_NATS_CA: "), "{missing:?}");
        assert!(problems(&[("MEDIQUE_NATS_CA", "/dev/null")]).is_empty());
    }

    #[test]
    fn the_key_in_a_databases_address_is_found() {
        let url = "postgres://u@h/d?sslmode=verify-full&sslkey=%2Frun%2Fkey&sslcert=/run/c";
        assert_eq!(client_key(url).as_deref(), Some("/run/key"));
        assert_eq!(client_key("postgres://u:p@h/d?sslmode=require"), None);
        assert_eq!(client_key("postgres://u:p@h/d"), None);
    }
}
