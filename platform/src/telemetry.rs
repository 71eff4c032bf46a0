//! What a process tells about itself: log lines, metrics, spans, reports of errors. And the TLS
//! provider that all our libraries share.
//!
//! Nothing in here waits for whoever is told: queues are bounded, what does not fit is dropped and
//! counted, and everything is sent by a thread of its own (docs/operations/observability.md).

mod config;
mod export;
mod lines;
mod logs;
pub mod metrics;
mod outlet;
mod sentry;
pub mod trace;
pub mod vitals;

pub use config::{SecretDsn, TelemetryConfig};

use crate::config::{LogConfig, LogFormat};
use crate::tls::{Acceptor, TlsError};
use export::{Exporters, Work};
use lines::Lines;
use logs::Recorder;
use metrics::Collector;
use opentelemetry::KeyValue;
use opentelemetry::logs::LoggerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use sentry::{Receiver, Reporter};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How long the end of the process may wait for telemetry.
const SHUTDOWN_MAX: Duration = Duration::from_secs(2);
/// How often it looks whether it still has to.
const LOOK: Duration = Duration::from_millis(5);

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `MEDIQUE_LOG` is not a filter.
    #[error("MEDIQUE_LOG is not a log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Logging was started before.
    #[error("logging was started before")]
    Started(#[from] tracing_subscriber::util::TryInitError),
    /// The address of the Prometheus endpoint is taken.
    #[error("MEDIQUE_METRICS_LISTEN: cannot listen: {0}")]
    Listen(std::io::Error),
    /// Nobody could connect to it.
    #[error("MEDIQUE_METRICS_LISTEN: {0}")]
    Tls(#[from] TlsError),
    /// The system has no more threads.
    #[error("no thread for telemetry: {0}")]
    Thread(std::io::Error),
    /// What is configured cannot be sent to.
    #[error("telemetry cannot be sent: {0}")]
    Exporter(String),
}

/// Who tells.
#[derive(Debug, Clone)]
pub struct Service {
    /// `medique-api` or `medique-worker`.
    pub name: &'static str,
    /// Of this build.
    pub version: &'static str,
    /// Which replica; random when it has no name.
    pub instance: Option<String>,
}

impl Service {
    fn resource(&self) -> Resource {
        let instance = self.instance.clone();
        let instance = instance.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        Resource::builder_empty()
            .with_service_name(self.name)
            .with_attributes([
                KeyValue::new("service.namespace", "medique"),
                KeyValue::new("service.version", self.version),
                KeyValue::new("service.instance.id", instance),
            ])
            .build()
    }
}

/// Running telemetry. What is still waiting is sent, for a moment, when it is dropped.
#[derive(Debug)]
pub struct Telemetry {
    lines: Lines,
    ending: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// Starts everything that a service tells about itself.
///
/// # Errors
/// A filter or an address cannot be used, or telemetry was started before.
pub fn start(
    log: &LogConfig,
    config: &TelemetryConfig,
    service: &Service,
) -> Result<Telemetry, TelemetryError> {
    let lines = Lines::start(std::io::stderr()).map_err(TelemetryError::Thread)?;
    let resource = service.resource();
    let exporters = Exporters::new(config, &resource)?;
    let listener = listen(config)?;
    let is_wanted = exporters.is_some() || listener.is_some() || config.sentry.is_some();
    let dsn = config.sentry.as_ref();
    let reporter = dsn.map(|dsn| Reporter::new(dsn, service.name, service.version));
    let recorder = Recorder {
        lines: (log.format == LogFormat::Json).then(|| lines.clone()),
        records: exporters
            .is_some()
            .then(|| SdkLoggerProvider::builder().build().logger("medique")),
        reporter: reporter.clone(),
    };
    let text = (log.format == LogFormat::Text).then(|| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(lines.clone())
    });
    tracing_subscriber::registry()
        .with(EnvFilter::try_new(&log.filter)?)
        .with(text)
        .with(recorder)
        .try_init()?;
    if exporters.is_some() {
        trace::start(config.sample_ratio);
    }
    let ending = CancellationToken::new();
    let mut telemetry = Telemetry {
        lines,
        ending: ending.clone(),
        thread: None,
    };
    let Some(queues) = is_wanted.then(outlet::open).flatten() else {
        return Ok(telemetry);
    };
    let wants_metrics = exporters.is_some() || listener.is_some();
    let work = Work {
        queues,
        collector: wants_metrics.then(|| Collector::start(resource)),
        exporters,
        listener,
        reports: config.sentry.clone().map(Receiver::new).transpose()?,
        ending,
    };
    if let Some(reporter) = reporter {
        reporter.watch_panics();
    }
    let thread = std::thread::Builder::new()
        .name("telemetry".to_owned())
        .spawn(move || export::run(work))
        .map_err(TelemetryError::Thread)?;
    telemetry.thread = Some(thread);
    Ok(telemetry)
}

fn listen(
    config: &TelemetryConfig,
) -> Result<Option<(std::net::TcpListener, Acceptor)>, TelemetryError> {
    let Some(address) = config.metrics_listen else {
        return Ok(None);
    };
    let tls = Acceptor::new(config.metrics_tls.as_ref())?;
    let listener = std::net::TcpListener::bind(address).map_err(TelemetryError::Listen)?;
    listener
        .set_nonblocking(true)
        .map_err(TelemetryError::Listen)?;
    Ok(Some((listener, tls)))
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.ending.cancel();
        let until = Instant::now() + SHUTDOWN_MAX;
        // A collector that hangs does not hold up the end.
        while self
            .thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
            && Instant::now() < until
        {
            std::thread::sleep(LOOK);
        }
        self.lines.flush();
    }
}

/// Starts logging to stderr alone, one line per event: for commands that end by themselves. Stdout
/// belongs to commands that print a result.
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
