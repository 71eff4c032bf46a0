//! What is told of an event that is published: its step, below the command that caused it, and how
//! long it took.

use crate::lane::OutboxRow;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use medique_contracts::EventMessage;
use medique_contracts::subjects::{EVENTS_STREAM, HEADER_TRACEPARENT};
use medique_platform::bus::OutgoingMessage;
use medique_platform::clock;
use medique_platform::telemetry::metrics::catalogue::COMMIT_TO_PUBLISH;
use medique_platform::telemetry::trace::{self, Span, SpanKind, VISIT_ID, semconv};
use medique_platform::trace_context::TraceContext;

/// What is told once the broker has it.
pub(super) struct Told {
    span: Option<Span>,
    committed_at: Option<DateTime<Utc>>,
}

/// The step that an event says it was caused by, for one that another process committed.
pub(super) fn cause_in(payload: &[u8]) -> Option<TraceContext> {
    if !trace::is_on() {
        return None;
    }
    let event = EventMessage::from_bytes(payload).ok()?;
    TraceContext::parse(event.traceparent.as_deref()?)
}

/// The message of an event. Its header says which step published it; the envelope goes on saying
/// what caused it, and may be read without the header.
pub(super) fn message(row: OutboxRow) -> (OutgoingMessage, Told) {
    let cause = row
        .cause
        .filter(|cause| trace::is_on() && cause.is_sampled());
    let span = cause.map(|cause| {
        let mut span = Span::child_of(&cause, SpanKind::Producer, "publish EVENTS");
        span.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
            .attribute(semconv::MESSAGING_DESTINATION, EVENTS_STREAM)
            .attribute(semconv::MESSAGING_OPERATION, "publish")
            .attribute(semconv::MESSAGING_OPERATION_TYPE, "send")
            .attribute_of(semconv::MESSAGING_MESSAGE_ID, Some(row.event_id))
            .attribute_of(VISIT_ID, row.visit_id);
        span
    });
    let header = span
        .as_ref()
        .map(|span| (HEADER_TRACEPARENT, span.context().traceparent()));
    let message = OutgoingMessage {
        subject: row.subject,
        message_id: row.event_id.to_string(),
        headers: header.into_iter().collect(),
        payload: Bytes::from(row.payload),
    };
    let committed_at = row.committed_at;
    (message, Told { span, committed_at })
}

/// The broker has them.
pub(super) fn published(told: Vec<Told>) {
    let now = clock::now();
    for Told { span, committed_at } in told {
        drop(span);
        if let Some(Ok(took)) = committed_at.map(|at| (now - at).to_std()) {
            COMMIT_TO_PUBLISH.time(took, []);
        }
    }
}
