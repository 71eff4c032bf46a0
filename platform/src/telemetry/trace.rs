//! Spans, made from the context that a request, a command and an event carry.
//!
//! A visit passes through four processes and two stores, and through batches in which it meets
//! strangers: where it is in its trace is part of what it carries, not of the thread that works on
//! it. So a span is made by hand, from a [`TraceContext`](crate::trace_context::TraceContext), and may begin and end where and when it
//! likes (docs/adr/0014). Without `MEDIQUE_OTLP_ENDPOINT` no span is recorded and contexts are
//! passed on as they came.

mod sampling;
mod span;

pub(super) use sampling::start;
pub use sampling::{is_on, samples};
pub use span::{Span, SpanKind, followed_by};

/// Attribute: the visit.
pub const VISIT_ID: &str = "medique.visit.id";
/// Attribute: the command.
pub const COMMAND_ID: &str = "medique.command.id";
/// Attribute: what is asked.
pub const COMMAND_TYPE: &str = "medique.command.type";
/// Attribute: what became of it.
pub const OUTCOME: &str = "medique.command.outcome";
/// Attribute: what happened.
pub const EVENT_TYPE: &str = "medique.event.type";

/// Attributes of OpenTelemetry's conventions, as far as more than one crate uses them.
pub mod semconv {
    /// Which broker.
    pub const MESSAGING_SYSTEM: &str = "messaging.system";
    /// Which stream.
    pub const MESSAGING_DESTINATION: &str = "messaging.destination.name";
    /// Which partition of it.
    pub const MESSAGING_PARTITION: &str = "messaging.destination.partition.id";
    /// What is done, in our words.
    pub const MESSAGING_OPERATION: &str = "messaging.operation.name";
    /// What is done, in theirs: `send`, `receive` or `process`.
    pub const MESSAGING_OPERATION_TYPE: &str = "messaging.operation.type";
    /// Which message.
    pub const MESSAGING_MESSAGE_ID: &str = "messaging.message.id";
    /// How many messages.
    pub const MESSAGING_BATCH_COUNT: &str = "messaging.batch.message_count";
    /// Which reader.
    pub const MESSAGING_CONSUMER: &str = "messaging.consumer.group.name";
    /// Which database.
    pub const DB_SYSTEM: &str = "db.system.name";
    /// What is done with it.
    pub const DB_OPERATION: &str = "db.operation.name";
    /// What went wrong, as a word.
    pub const ERROR_TYPE: &str = "error.type";
    /// Our broker.
    pub const NATS: &str = "nats";
    /// Our database.
    pub const POSTGRESQL: &str = "postgresql";
}
