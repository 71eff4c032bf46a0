//! Log lines as JSON, the same as records for a collector, and errors as reports.
//!
//! What a span of `tracing` says stands in each line below it: so every line of a request has its
//! `trace_id` and `span_id`, at the top, where a log store looks for them.

use super::export::is_own_thread;
use super::lines::Lines;
use super::outlet;
use super::sentry::Reporter;
use crate::clock;
use crate::trace_context::TraceContext;
use chrono::{DateTime, SecondsFormat, Utc};
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, Severity};
use opentelemetry::{SpanId, TraceFlags, TraceId};
use opentelemetry_sdk::logs::SdkLogger;
use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::Value;
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Field of a line: its trace.
const TRACE_ID: &str = "trace_id";
/// Field of a line: its step in the trace.
const SPAN_ID: &str = "span_id";
const MESSAGE: &str = "message";

/// What an event or a span says.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        match self.0.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, known)) => *known = value,
            None => self.0.push((field.name(), value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    pub(super) fn message(&self) -> &str {
        self.text(MESSAGE).unwrap_or_default()
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a String fails only when the value's own words do.
        let _ = write!(text, "{value:?}");
        self.put(field, text.into());
    }
}

/// Where lines go.
pub(super) struct Recorder {
    /// As JSON to stderr.
    pub(super) lines: Option<Lines>,
    /// As records to a collector.
    pub(super) records: Option<SdkLogger>,
    /// Errors, as reports.
    pub(super) reporter: Option<Reporter>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        // What stands nearer says it better.
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(around) = span.extensions().get::<Fields>() {
                for (name, value) in &around.0 {
                    if fields.get(name).is_none() {
                        fields.0.push((name, value.clone()));
                    }
                }
            }
        }
        let (metadata, at) = (event.metadata(), clock::now());
        if let Some(lines) = &self.lines {
            lines.send(line(metadata, &fields, at));
        }
        if is_own_thread() {
            return;
        }
        if let Some(reporter) = &self.reporter
            && *metadata.level() == Level::ERROR
        {
            reporter.error(metadata, &fields);
        }
        if let Some(logger) = &self.records {
            record(logger, metadata, fields, at);
        }
    }
}

/// One object and a line end.
fn line(metadata: &Metadata<'_>, fields: &Fields, at: DateTime<Utc>) -> Vec<u8> {
    let mut text = Vec::with_capacity(512);
    let mut serializer = serde_json::Serializer::new(&mut text);
    let mut write = || {
        let mut object = serializer.serialize_map(None)?;
        let time = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        object.serialize_entry("timestamp", &time)?;
        object.serialize_entry("level", metadata.level().as_str())?;
        object.serialize_entry(MESSAGE, fields.message())?;
        for (name, value) in &fields.0 {
            let is_told = *name == MESSAGE || value.is_null();
            if !is_told {
                object.serialize_entry(name, value)?;
            }
        }
        object.serialize_entry("target", metadata.target())?;
        object.end()
    };
    // Strings, numbers and bools cannot fail to be written to memory.
    let _: serde_json::Result<()> = write();
    text.push(b'\n');
    text
}

fn record(logger: &SdkLogger, metadata: &Metadata<'_>, fields: Fields, at: DateTime<Utc>) {
    let mut record = logger.create_log_record();
    record.set_timestamp(at.into());
    record.set_observed_timestamp(at.into());
    record.set_severity_text(metadata.level().as_str());
    record.set_severity_number(match *metadata.level() {
        Level::ERROR => Severity::Error,
        Level::WARN => Severity::Warn,
        Level::INFO => Severity::Info,
        Level::DEBUG => Severity::Debug,
        Level::TRACE => Severity::Trace,
    });
    record.set_target(metadata.target().to_owned());
    record.set_body(AnyValue::from(fields.message().to_owned()));
    if let Some(context) = context_of(&fields) {
        record.set_trace_context(
            TraceId::from(context.trace_number()),
            SpanId::from(context.span_number()),
            context.is_sampled().then_some(TraceFlags::SAMPLED),
        );
    }
    for (name, value) in fields.0 {
        let value = match value {
            Value::String(text) => AnyValue::from(text),
            Value::Bool(bool) => AnyValue::from(bool),
            Value::Number(number) => match number.as_i64() {
                Some(number) => AnyValue::from(number),
                None => AnyValue::from(number.as_f64().unwrap_or_default()),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        if !matches!(name, MESSAGE | TRACE_ID | SPAN_ID) {
            record.add_attribute(name, value);
        }
    }
    outlet::log(record);
}

fn context_of(fields: &Fields) -> Option<TraceContext> {
    let (trace, span) = (fields.text(TRACE_ID)?, fields.text(SPAN_ID)?);
    TraceContext::parse(&format!("00-{trace}-{span}-01"))
}

#[cfg(test)]
mod tests;
