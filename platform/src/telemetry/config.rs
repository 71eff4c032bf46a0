//! What telemetry is told.

use crate::config::Env;
use crate::tls::{Acceptor, ServerTls};
use secrecy::{ExposeSecret as _, SecretString};
use sentry::types::Dsn;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Where metrics, traces, logs and reports go. Nothing goes anywhere by default.
#[derive(Debug, Clone)]
pub struct TelemetryConfig {
    /// `MEDIQUE_METRICS_LISTEN`: address of the Prometheus endpoint (`GET /metrics`), off when not
    /// set. It asks for no credential but what `MEDIQUE_METRICS_CLIENT_CA` says: let only the
    /// monitoring reach it.
    pub metrics_listen: Option<SocketAddr>,
    /// How it is protected, where the process has a certificate.
    pub metrics_tls: Option<ServerTls>,
    /// `MEDIQUE_OTLP_ENDPOINT`: base address of an OpenTelemetry collector, OTLP over HTTP with
    /// protobuf (`http://collector:4318`); `/v1/traces`, `/v1/metrics` and `/v1/logs` are added.
    /// Off when not set.
    pub otlp: Option<Url>,
    /// `MEDIQUE_OTLP_CA`: file of the authorities that vouch for the collector, PEM; those of the
    /// system when absent.
    pub otlp_ca: Option<PathBuf>,
    /// `MEDIQUE_OTLP_HEADERS`: headers for the collector, `name=value` with commas between; for
    /// collectors that ask for a key.
    pub otlp_headers: Vec<(String, SecretString)>,
    /// `MEDIQUE_TRACE_SAMPLE_RATIO`: part of the traces begun here that is recorded, 0 to 1. What a
    /// caller decided is kept, and spans that failed are always sent.
    pub sample_ratio: f64,
    /// `MEDIQUE_SENTRY_DSN`: where errors are reported, for Sentry and what speaks like it; off when
    /// not set.
    pub sentry: Option<SecretDsn>,
}

/// A DSN that was read. It holds a key and is not shown.
#[derive(Clone)]
pub struct SecretDsn(pub(super) Dsn);

impl std::fmt::Debug for SecretDsn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SecretDsn({})", self.0.host())
    }
}

impl TelemetryConfig {
    /// Reads `MEDIQUE_METRICS_*`, `MEDIQUE_OTLP_*`, `MEDIQUE_TRACE_SAMPLE_RATIO` and
    /// `MEDIQUE_SENTRY_DSN`; `tls` is how the process serves.
    pub fn read(env: &mut Env, tls: Option<&ServerTls>) -> Self {
        let config = Self {
            metrics_listen: metrics_listen(env),
            metrics_tls: metrics_tls(env, tls),
            otlp: endpoint(env),
            otlp_ca: otlp_ca(env),
            otlp_headers: headers(env),
            sample_ratio: env.within("MEDIQUE_TRACE_SAMPLE_RATIO", 1.0, 0.0..=1.0),
            sentry: dsn(env),
        };
        env.check(
            config.otlp_headers.is_empty() || config.otlp.is_some(),
            "MEDIQUE_OTLP_HEADERS: is for MEDIQUE_OTLP_ENDPOINT, which is not set",
        );
        config
    }
}

fn metrics_listen(env: &mut Env) -> Option<SocketAddr> {
    const VARIABLE: &str = "MEDIQUE_METRICS_LISTEN";
    let text = env.text(VARIABLE)?;
    let address = text.parse();
    if let Err(error) = &address {
        env.problem(format!("{VARIABLE}: {error}"));
    }
    address.ok()
}

/// `MEDIQUE_METRICS_CLIENT_CA`: file of the authorities that vouch for who may read the metrics, PEM;
/// whoever shows no certificate of theirs is refused. Needs `MEDIQUE_TLS_CERTIFICATE`.
const METRICS_CLIENT_CA: &str = "MEDIQUE_METRICS_CLIENT_CA";

fn metrics_tls(env: &mut Env, tls: Option<&ServerTls>) -> Option<ServerTls> {
    let client_ca = env.path(METRICS_CLIENT_CA).map(PathBuf::from);
    let Some(tls) = tls else {
        env.check(
            client_ca.is_none(),
            "MEDIQUE_METRICS_CLIENT_CA: needs MEDIQUE_TLS_CERTIFICATE",
        );
        return None;
    };
    let guarded = client_ca.is_some();
    let tls = ServerTls {
        client_ca,
        ..tls.clone()
    };
    // The certificate itself was judged where it was read.
    if guarded && let Err(error) = Acceptor::new(Some(&tls)) {
        env.problem(format!("{METRICS_CLIENT_CA}: {error}"));
    }
    Some(tls)
}

fn otlp_ca(env: &mut Env) -> Option<PathBuf> {
    const VARIABLE: &str = "MEDIQUE_OTLP_CA";
    let path = env.path(VARIABLE)?;
    if let Err(error) = std::fs::File::open(&path) {
        env.problem(format!("{VARIABLE}: {error}"));
    }
    Some(path.into())
}

fn endpoint(env: &mut Env) -> Option<Url> {
    const VARIABLE: &str = "MEDIQUE_OTLP_ENDPOINT";
    let text = env.text(VARIABLE)?;
    let url = match Url::parse(&text) {
        Ok(url) => url,
        Err(error) => {
            env.problem(format!("{VARIABLE}: {error}"));
            return None;
        }
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    env.check(
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain,
        "MEDIQUE_OTLP_ENDPOINT: must be http:// or https:// with a host, and without credentials or query",
    );
    Some(url)
}

fn headers(env: &mut Env) -> Vec<(String, SecretString)> {
    const VARIABLE: &str = "MEDIQUE_OTLP_HEADERS";
    let Some(secret) = env.secret(VARIABLE) else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for pair in secret.expose_secret().split(',') {
        match pair.trim().split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                headers.push((name.to_owned(), SecretString::from(value)));
            }
            // The pair may be a key: it is not quoted.
            _ => env.problem(format!(
                "{VARIABLE}: must be name=value with commas between"
            )),
        }
    }
    headers
}

fn dsn(env: &mut Env) -> Option<SecretDsn> {
    const VARIABLE: &str = "MEDIQUE_SENTRY_DSN";
    let secret = env.secret(VARIABLE)?;
    match secret.expose_secret().parse() {
        Ok(dsn) => Some(SecretDsn(dsn)),
        Err(error) => {
            env.problem(format!("{VARIABLE}: {error}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (TelemetryConfig, Vec<String>) {
        let mut env = Env::from_pairs(pairs.iter().copied());
        let config = TelemetryConfig::read(&mut env, None);
        let problems = env
            .finish()
            .map_or_else(|error| error.problems, |()| Vec::new());
        (config, problems)
    }

    #[test]
    fn nothing_goes_anywhere_by_default() {
        let (config, problems) = read(&[]);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(config.metrics_listen.is_none() && config.otlp.is_none());
        assert!(config.sentry.is_none() && config.otlp_headers.is_empty());
        assert_eq!(config.sample_ratio, 1.0);
    }

    #[test]
    fn what_cannot_be_used_is_named_and_no_key_is_quoted() {
        for (name, value) in [
            ("MEDIQUE_METRICS_LISTEN", "9464"),
            ("MEDIQUE_OTLP_ENDPOINT", "collector:4318"),
            ("MEDIQUE_OTLP_ENDPOINT", "grpc://collector:4317"),
            ("MEDIQUE_OTLP_ENDPOINT", "http://user:hidden@collector:4318"),
            ("MEDIQUE_OTLP_CA", "/nowhere/at/all"),
            ("MEDIQUE_METRICS_CLIENT_CA", "/dev/null"),
            ("MEDIQUE_OTLP_HEADERS", "hidden"),
            ("MEDIQUE_OTLP_HEADERS", "authorization=hidden"),
            ("MEDIQUE_TRACE_SAMPLE_RATIO", "1.5"),
            ("MEDIQUE_TRACE_SAMPLE_RATIO", "NaN"),
            ("MEDIQUE_TRACE_SAMPLE_RATIO", "-0.1"),
            ("MEDIQUE_SENTRY_DSN", "hidden"),
        ] {
            let (config, problems) = read(&[(name, value)]);
            assert!(
                problems.iter().any(|problem| problem.starts_with(name)),
                "{name}={value}: {problems:?}"
            );
            assert!(!format!("{problems:?}{config:?}").contains("=hidden"));
        }
        let (config, problems) = read(&[
            ("MEDIQUE_METRICS_LISTEN", "127.0.0.1:9464"),
            ("MEDIQUE_OTLP_ENDPOINT", "https://collector:4318"),
            ("MEDIQUE_OTLP_HEADERS", "x-key=hidden, x-team=us"),
            ("MEDIQUE_TRACE_SAMPLE_RATIO", "0.25"),
            ("MEDIQUE_SENTRY_DSN", "https://hidden@sentry.example/7"),
        ]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(config.otlp_headers.len(), 2);
        assert!(!format!("{config:?}").contains("hidden"));
    }
}
