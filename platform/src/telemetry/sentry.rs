//! Reports of errors for Sentry and what speaks like it: off unless there is a DSN.
//!
//! A report says which line of ours was logged as an error, and where in its trace. It holds no
//! field but those of a short list, no words of other libraries, no request, no host name: what is
//! not put in needs no scrubbing. It goes out over our own HTTP client, so the process keeps one
//! TLS library.

use super::TelemetryError;
use super::config::SecretDsn;
use super::export::http_client;
use super::logs::Fields;
use super::outlet;
use sentry::protocol::{Event, Exception, Value};
use sentry::{
    Client, ClientOptions, Envelope, Level, Transport, TransportFactory, TransportOptions,
};
use std::panic::Location;
use std::sync::Arc;
use tracing::Metadata;

/// What of a line is told, beside its words: our own ids, numbers and words.
const TOLD: [&str; 14] = [
    "trace_id",
    "span_id",
    "command_id",
    "visit_id",
    "code",
    "duty",
    "kind",
    "partition",
    "route",
    "seq",
    "signal",
    "status",
    "stream",
    "task",
];
const AGENT: &str = concat!("medique/", env!("CARGO_PKG_VERSION"));

/// Makes reports.
#[derive(Clone)]
pub(super) struct Reporter(Arc<Client>);

/// Where reports go.
pub(super) struct Receiver {
    http: reqwest::Client,
    dsn: SecretDsn,
}

/// Hands envelopes to the telemetry's thread.
struct ToOutlet;

impl Transport for ToOutlet {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        if envelope.to_writer(&mut bytes).is_ok() {
            outlet::report(bytes);
        }
    }
}

impl TransportFactory for ToOutlet {
    fn create_transport_with_options(&self, _options: TransportOptions) -> Arc<dyn Transport> {
        Arc::new(ToOutlet)
    }
}

impl Reporter {
    pub(super) fn new(dsn: &SecretDsn, service: &str, version: &'static str) -> Self {
        let mut options = ClientOptions::default();
        options.dsn = Some(dsn.0.clone());
        options.release = Some(format!("{service}@{version}").into());
        options.server_name = None;
        options.send_default_pii = false;
        options.default_integrations = false;
        options.max_breadcrumbs = 0;
        options.transport = Some(Arc::new(ToOutlet));
        Self(Arc::new(Client::with_options(options)))
    }

    /// Reports a line that was logged as an error.
    pub(super) fn error(&self, metadata: &Metadata<'_>, fields: &Fields) {
        let mut event = Event {
            level: Level::Error,
            logger: Some(metadata.target().to_owned()),
            message: Some(fields.message().to_owned()),
            ..Event::default()
        };
        for name in TOLD {
            let value = match fields.get(name) {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(serde_json::Value::Number(number)) => number.to_string(),
                _ => continue,
            };
            event.tags.insert(name.to_owned(), value);
        }
        if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
            let place = Value::from(format!("{file}:{line}"));
            event.extra.insert("place".to_owned(), place);
        }
        self.0.capture_event(event, None);
    }

    /// Reports panics of this process by the place in the source. What a panic says may quote
    /// anything, and is left out.
    pub(super) fn watch_panics(&self) {
        let (reporter, before) = (self.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            reporter.panic(panic.location());
            before(panic);
        }));
    }

    fn panic(&self, place: Option<&Location<'_>>) {
        let place = place.map(|place| format!("{}:{}", place.file(), place.line()));
        let exception = Exception {
            ty: "panic".to_owned(),
            value: place,
            ..Exception::default()
        };
        let event = Event {
            level: Level::Fatal,
            exception: vec![exception].into(),
            ..Event::default()
        };
        self.0.capture_event(event, None);
    }
}

impl Receiver {
    /// Prepares; sends nothing yet.
    ///
    /// # Errors
    /// The HTTP library does not start.
    pub(super) fn new(dsn: SecretDsn) -> Result<Self, TelemetryError> {
        let http = http_client(None)?;
        Ok(Self { http, dsn })
    }

    /// Sends one report; false when it was not taken.
    pub(super) async fn send(&self, envelope: Vec<u8>) -> bool {
        let SecretDsn(dsn) = &self.dsn;
        let sent = self
            .http
            .post(dsn.envelope_api_url())
            .header("content-type", "application/x-sentry-envelope")
            .header("x-sentry-auth", dsn.to_auth(Some(AGENT)).to_string())
            .body(envelope)
            .send()
            .await;
        sent.is_ok_and(|answer| answer.status().is_success())
    }
}
