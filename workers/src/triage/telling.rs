//! What is told of a question: its steps, in the trace of the visit that it is about.

use super::role::CONSUMER;
use super::{AdviceCase, advice_id};
use medique_contracts::ids::VisitId;
use medique_contracts::{CommandKind, EventMessage, subjects};
use medique_platform::bus::WorkItem;
use medique_platform::telemetry::trace::{
    COMMAND_ID, COMMAND_TYPE, Span, SpanKind, VISIT_ID, semconv,
};
use medique_platform::trace_context::TraceContext;

/// Taking up an event of a visit that is to be asked about.
pub(super) fn considering(visit: VisitId, trace: &TraceContext) -> Span {
    let mut step = Span::child_of(trace, SpanKind::Consumer, "process EVENTS");
    step.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
        .attribute(semconv::MESSAGING_DESTINATION, subjects::EVENTS_STREAM)
        .attribute(semconv::MESSAGING_CONSUMER, CONSUMER)
        .attribute(semconv::MESSAGING_OPERATION, "process")
        .attribute(semconv::MESSAGING_OPERATION_TYPE, "process")
        .attribute_of(VISIT_ID, Some(visit));
    step
}

/// Publishing the answer, as a step of the trace of the visit's event.
pub(super) fn publishing(visit: VisitId, case: &AdviceCase, trace: &TraceContext) -> Span {
    let mut step = Span::child_of(trace, SpanKind::Producer, "publish COMMANDS");
    let command = advice_id(visit, case.findings_version);
    step.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
        .attribute(semconv::MESSAGING_DESTINATION, subjects::COMMANDS_STREAM)
        .attribute(semconv::MESSAGING_OPERATION, "publish")
        .attribute(semconv::MESSAGING_OPERATION_TYPE, "send")
        .attribute(COMMAND_TYPE, CommandKind::RecordAdvice.as_str())
        .attribute_of(COMMAND_ID, Some(command))
        .attribute_of(VISIT_ID, Some(visit));
    step
}

/// What an event is about, and where it stands in its trace.
pub(super) struct Caused {
    pub(super) visit: VisitId,
    pub(super) version: i64,
    pub(super) trace: TraceContext,
}

/// None when there is nothing to do for the event.
pub(super) fn caused_by(item: &WorkItem) -> Option<Caused> {
    match EventMessage::from_bytes(&item.event.payload) {
        Ok(event) => {
            let published = item.event.header(subjects::HEADER_TRACEPARENT);
            let trace = published.or(event.traceparent.as_deref());
            let trace = trace.and_then(TraceContext::parse);
            event.visit().map(|visit| Caused {
                visit: visit.visit_id,
                version: visit.version,
                trace: trace.unwrap_or_else(TraceContext::new_root),
            })
        }
        Err(error) => {
            tracing::warn!(seq = item.event.seq, %error, "an event that cannot be read");
            None
        }
    }
}
