//! The way out: bounded queues into the telemetry's own thread. Nobody waits at them; what does not
//! fit is dropped and counted.

use super::metrics::catalogue::TELEMETRY_DROPPED;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;
use std::sync::OnceLock;
use tokio::sync::mpsc;

/// Spans that may wait: a second of a busy process, some twenty megabytes.
const SPANS_MAX: usize = 16_384;
/// Log records that may wait.
const LOGS_MAX: usize = 8_192;
/// Reports of errors that may wait. A storm of errors says nothing new after the first ones.
const REPORTS_MAX: usize = 64;

static OUTLET: OnceLock<Outlet> = OnceLock::new();

/// The near ends.
struct Outlet {
    spans: mpsc::Sender<SpanData>,
    logs: mpsc::Sender<SdkLogRecord>,
    reports: mpsc::Sender<Vec<u8>>,
}

/// The far ends.
pub(super) struct Queues {
    pub(super) spans: mpsc::Receiver<SpanData>,
    pub(super) logs: mpsc::Receiver<SdkLogRecord>,
    pub(super) reports: mpsc::Receiver<Vec<u8>>,
}

/// Opens the way out; none when it is open already.
pub(super) fn open() -> Option<Queues> {
    let (spans, spans_out) = mpsc::channel(SPANS_MAX);
    let (logs, logs_out) = mpsc::channel(LOGS_MAX);
    let (reports, reports_out) = mpsc::channel(REPORTS_MAX);
    let outlet = Outlet {
        spans,
        logs,
        reports,
    };
    OUTLET.set(outlet).ok()?;
    Some(Queues {
        spans: spans_out,
        logs: logs_out,
        reports: reports_out,
    })
}

/// Counts what nobody gets.
pub(super) fn dropped(signal: &'static str, reason: &'static str, count: u64) {
    TELEMETRY_DROPPED.add(count, [signal.into(), reason.into()]);
}

fn send<T>(queue: &mpsc::Sender<T>, item: T, signal: &'static str) {
    if queue.try_send(item).is_err() {
        dropped(signal, "queue_full", 1);
    }
}

/// Sends a span that has ended.
pub(super) fn span(span: SpanData) {
    if let Some(outlet) = OUTLET.get() {
        send(&outlet.spans, span, "traces");
    }
}

/// Sends a log record.
pub(super) fn log(record: SdkLogRecord) {
    if let Some(outlet) = OUTLET.get() {
        send(&outlet.logs, record, "logs");
    }
}

/// Sends a report of an error.
pub(super) fn report(envelope: Vec<u8>) {
    if let Some(outlet) = OUTLET.get() {
        send(&outlet.reports, envelope, "reports");
    }
}
