//! Logs, and the TLS provider that all our libraries share.

use crate::config::{LogConfig, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `MEDIQUE_LOG` is not a filter.
    #[error("MEDIQUE_LOG is not a log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Logging was started before.
    #[error("logging was started before")]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts logging to stderr, one line per event: stdout belongs to commands that print a result.
///
/// # Errors
/// A filter that cannot be read, or a second call.
pub fn init(config: &LogConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_span_list(false))
            .try_init()?,
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init()?,
    }
    Ok(())
}

/// Makes aws-lc the TLS provider of the process. Each `main` and each test harness calls this
/// before it opens a connection; a second call changes nothing.
pub fn install_crypto_provider() {
    // The error says that one is installed; the libraries that could have done so use the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
