//! The telemetry's own thread: takes what waits in the queues, sends it, and answers Prometheus.
//!
//! It is a thread with a runtime of its own, so that a collector that hangs, and the writing down of
//! many spans, take nothing from the runtime that serves patients.

use super::config::TelemetryConfig;
use super::metrics::Collector;
use super::metrics::serve::serve;
use super::outlet::{self, Queues};
use super::{TelemetryError, sentry};
use crate::tls::Acceptor;
use opentelemetry_otlp::{
    LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter as _, SdkLogRecord};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter as _;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use secrecy::ExposeSecret as _;
use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Most items in one request.
const BATCH_MAX: usize = 2048;
/// How long items gather before they go together.
const GATHER: Duration = Duration::from_millis(250);
/// How long a collector may take over one request; meanwhile the queues fill, and then drop.
const REQUEST_MAX: Duration = Duration::from_secs(5);
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How often metrics are sent.
const METRICS_EVERY: Duration = Duration::from_secs(10);

thread_local! {
    static IS_TELEMETRY: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the telemetry's own thread: what it logs is not sent by itself, or each request
/// to a collector would cause the next one.
pub(super) fn is_own_thread() -> bool {
    IS_TELEMETRY.get()
}

/// Where things go, ready to be sent to.
pub(super) struct Exporters {
    spans: SpanExporter,
    logs: LogExporter,
    metrics: MetricExporter,
}

/// What the thread does.
pub(super) struct Work {
    pub(super) queues: Queues,
    pub(super) exporters: Option<Exporters>,
    pub(super) collector: Option<Collector>,
    pub(super) listener: Option<(std::net::TcpListener, Acceptor)>,
    pub(super) reports: Option<sentry::Receiver>,
    /// Cancelled at the end: what waits is sent, nothing more is awaited.
    pub(super) ending: CancellationToken,
}

/// A client that gives up in time and goes where it is told, and nowhere else. It believes the
/// authorities in the file, or those of the system.
pub(super) fn http_client(ca: Option<&Path>) -> Result<reqwest::Client, TelemetryError> {
    let unusable =
        |error: reqwest::Error| TelemetryError::Exporter(error.without_url().to_string());
    let mut builder = reqwest::Client::builder()
        .timeout(REQUEST_MAX)
        .connect_timeout(CONNECT_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("medique/", env!("CARGO_PKG_VERSION")));
    if let Some(ca) = ca {
        let pem = std::fs::read(ca).map_err(|error| TelemetryError::Exporter(error.to_string()))?;
        let vouching = reqwest::Certificate::from_pem_bundle(&pem).map_err(unusable)?;
        builder = builder.tls_certs_only(vouching);
    }
    builder.build().map_err(unusable)
}

impl Exporters {
    /// Prepares; sends nothing yet.
    ///
    /// # Errors
    /// The address or a header cannot be used.
    pub(super) fn new(
        config: &TelemetryConfig,
        resource: &Resource,
    ) -> Result<Option<Self>, TelemetryError> {
        let Some(endpoint) = &config.otlp else {
            return Ok(None);
        };
        let client = http_client(config.otlp_ca.as_deref())?;
        let base = endpoint.as_str().trim_end_matches('/');
        let headers: HashMap<_, _> = config
            .otlp_headers
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
            .collect();
        // The library's words may quote an address or a header.
        let unusable = |what: &str| TelemetryError::Exporter(format!("{what} cannot be sent"));
        macro_rules! exporter {
            ($type:ident, $path:literal) => {
                $type::builder()
                    .with_http()
                    .with_protocol(Protocol::HttpBinary)
                    .with_http_client(client.clone())
                    .with_headers(headers.clone())
                    .with_timeout(REQUEST_MAX)
                    .with_endpoint(format!("{base}{}", $path))
                    .build()
                    .map_err(|_| unusable($path))?
            };
        }
        let mut spans = exporter!(SpanExporter, "/v1/traces");
        let mut logs = exporter!(LogExporter, "/v1/logs");
        let metrics = exporter!(MetricExporter, "/v1/metrics");
        spans.set_resource(resource);
        logs.set_resource(resource);
        Ok(Some(Self {
            spans,
            logs,
            metrics,
        }))
    }
}

/// Runs until `ending`, then sends what waits.
pub(super) fn run(work: Work) {
    IS_TELEMETRY.set(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no telemetry: its runtime does not start");
            return;
        }
    };
    runtime.block_on(async move {
        let ending = work.ending.clone();
        if let Some(((listener, tls), collector)) = work.listener.zip(work.collector.clone()) {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => drop(tokio::spawn(serve(listener, tls, collector))),
                Err(error) => tracing::error!(%error, "metrics are not served"),
            }
        }
        let reports = send_reports(work.queues.reports, work.reports, &ending);
        match work.exporters {
            Some(exporters) => {
                let Exporters {
                    spans,
                    logs,
                    metrics,
                } = exporters;
                tokio::join!(
                    send("traces", work.queues.spans, &ending, async |batch| {
                        spans.export(batch).await
                    }),
                    send("logs", work.queues.logs, &ending, async |batch| {
                        export_logs(&logs, &batch).await
                    }),
                    send_metrics(&metrics, work.collector, &ending),
                    reports,
                );
            }
            // Whoever scrapes comes until the end.
            None => {
                tokio::join!(reports, ending.cancelled());
            }
        }
    });
}

async fn export_logs(exporter: &LogExporter, records: &[SdkLogRecord]) -> OTelSdkResult {
    let scope = opentelemetry::InstrumentationScope::builder("medique").build();
    let records: Vec<_> = records.iter().map(|record| (record, &scope)).collect();
    exporter.export(LogBatch::new(&records)).await
}

/// Sends what comes in a queue, batch by batch; a batch that is not taken is dropped.
async fn send<T>(
    signal: &'static str,
    mut queue: mpsc::Receiver<T>,
    ending: &CancellationToken,
    export: impl AsyncFn(Vec<T>) -> OTelSdkResult,
) {
    let mut trouble = Trouble::default();
    let mut batch = Vec::new();
    loop {
        let is_over = tokio::select! {
            count = queue.recv_many(&mut batch, BATCH_MAX) => count == 0,
            () = ending.cancelled() => true,
        };
        if is_over {
            queue.close();
            while let Ok(item) = queue.try_recv() {
                batch.push(item);
            }
        } else {
            let gathering = async {
                while batch.len() < BATCH_MAX {
                    let room = BATCH_MAX - batch.len();
                    if queue.recv_many(&mut batch, room).await == 0 {
                        return;
                    }
                }
            };
            tokio::select! {
                _ = tokio::time::timeout(GATHER, gathering) => {}
                () = ending.cancelled() => {}
            }
        }
        while !batch.is_empty() {
            let rest = batch.split_off(batch.len().min(BATCH_MAX));
            let items = std::mem::replace(&mut batch, rest);
            let count = items.len() as u64;
            let taken = export(items).await.is_ok();
            trouble.note(signal, taken);
            if !taken {
                outlet::dropped(signal, "not_taken", count);
            }
        }
        if is_over {
            return;
        }
    }
}

async fn send_metrics(
    exporter: &MetricExporter,
    collector: Option<Collector>,
    ending: &CancellationToken,
) {
    let Some(collector) = collector else { return };
    let mut trouble = Trouble::default();
    loop {
        let is_over = tokio::select! {
            () = tokio::time::sleep(METRICS_EVERY) => false,
            () = ending.cancelled() => true,
        };
        // Nothing is lost when they are not taken: the next ones say the same and more.
        let taken = exporter.export(&collector.collect()).await.is_ok();
        trouble.note("metrics", taken);
        if is_over {
            return;
        }
    }
}

async fn send_reports(
    mut queue: mpsc::Receiver<Vec<u8>>,
    receiver: Option<sentry::Receiver>,
    ending: &CancellationToken,
) {
    let Some(receiver) = receiver else { return };
    let mut trouble = Trouble::default();
    loop {
        let report = tokio::select! {
            biased;
            report = queue.recv() => report,
            () = ending.cancelled() => None,
        };
        let Some(report) = report else { return };
        let taken = receiver.send(report).await;
        trouble.note("reports", taken);
        if !taken {
            outlet::dropped("reports", "not_taken", 1);
        }
    }
}

/// Says once that a collector does not take things, and once that it does again.
#[derive(Debug, Default)]
struct Trouble(bool);

impl Trouble {
    fn note(&mut self, signal: &'static str, taken: bool) {
        if std::mem::replace(&mut self.0, !taken) == taken {
            if taken {
                tracing::info!(signal, "telemetry is taken again");
            } else {
                tracing::warn!(
                    signal,
                    "telemetry is not taken and dropped, the service goes on"
                );
            }
        }
    }
}

/// Spans are sent from here: their size decides what the queue may hold.
const _: () = assert!(size_of::<SpanData>() < 512);
