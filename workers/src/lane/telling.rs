//! What is told of a batch: its spans, its figures, and one line for each command.
//!
//! A batch is a step of its own, linked to the messages in it: they come from many traces. Each
//! command has its step in its own trace, below the message that brought it, so that whoever reads a
//! request's trace finds what became of it. What is told is told after the commit: what was rolled
//! back never happened.

use super::apply::Committed;
use super::batch::{Batch, Item};
use crate::lag;
use chrono::{DateTime, Utc};
use medique_contracts::ids::{CommandId, VisitId};
use medique_contracts::subjects::COMMANDS_STREAM;
use medique_contracts::{CommandMessage, Outcome};
use medique_platform::telemetry::metrics::catalogue::{
    ACCEPT_TO_COMMIT, BATCH_DURATION, BATCH_SIZE, COMMANDS_DECIDED,
};
use medique_platform::telemetry::trace::{
    self, COMMAND_ID, COMMAND_TYPE, OUTCOME, Span, SpanKind, VISIT_ID, followed_by, semconv,
};
use medique_platform::trace_context::TraceContext;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where a command came from, and its own step.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// The message that brought it.
    pub cause: TraceContext,
    /// Deciding it: what it causes hangs here.
    pub own: TraceContext,
}

impl Steps {
    /// The steps of a message; none when it does not say where it came from. The same each time it
    /// is decided: what was rolled back and is tried again is the same step.
    pub fn of(item: &Item, message: &CommandMessage) -> Option<Self> {
        let cause = TraceContext::parse(message.traceparent.as_deref()?)?;
        let subject = message.command_id.0.as_u128() ^ u128::from(item.seq().unsigned_abs());
        let own = followed_by(&cause, subject);
        Some(Self { cause, own })
    }
}

/// What is told of a decided command.
#[derive(Debug)]
pub struct Told {
    /// The command; none for bytes that name none.
    pub command_id: Option<CommandId>,
    /// Operation.
    pub kind: &'static str,
    /// `applied`, `rejected` or `parked`.
    pub outcome: &'static str,
    /// Why it was rejected.
    pub code: Option<&'static str>,
    /// The visit concerned.
    pub visit_id: Option<VisitId>,
    /// Partition.
    pub partition: i16,
    /// COMMANDS sequence.
    pub seq: i64,
    /// The broker's store time.
    pub accepted_at: DateTime<Utc>,
    /// Its place in its trace.
    pub steps: Option<Steps>,
}

/// The word for an outcome, and the code of a rejection.
pub fn words(outcome: &Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Applied { .. } => ("applied", None),
        Outcome::Rejected { rejection } => ("rejected", Some(rejection.code.as_str())),
        Outcome::DeadLettered { .. } => ("parked", None),
    }
}

/// When the parts of a transaction were over.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// It was asked for.
    pub begun: DateTime<Utc>,
    /// Everything was read, decided and written.
    pub written: DateTime<Utc>,
    /// The database had committed it.
    pub committed: DateTime<Utc>,
}

/// Begins to tell of a batch.
pub(super) fn of(batch: &Batch) -> Span {
    if !trace::is_on() {
        return Span::none();
    }
    let causes = batch
        .items
        .iter()
        .filter_map(|item| item.content.as_ref().ok()?.traceparent.as_deref())
        .filter_map(TraceContext::parse);
    let mut span = Span::linked(SpanKind::Consumer, "process batch COMMANDS", causes);
    messaging(&mut span, "process batch", "process");
    span.attribute(
        semconv::MESSAGING_BATCH_COUNT,
        i64::try_from(batch.items.len()).unwrap_or(i64::MAX),
    );
    span
}

fn messaging(span: &mut Span, operation: &'static str, kind: &'static str) {
    span.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
        .attribute(semconv::MESSAGING_DESTINATION, COMMANDS_STREAM)
        .attribute(semconv::MESSAGING_OPERATION, operation)
        .attribute(semconv::MESSAGING_OPERATION_TYPE, kind);
}

/// Tells of a batch that was committed.
pub(super) fn committed(span: &Span, batch: &Batch, committed: &Committed) {
    let times = committed.times;
    commit_span(&span.context(), &times);
    BATCH_SIZE.record(batch.items.len() as f64, []);
    BATCH_DURATION.time(between(times.begun, times.committed), []);
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for told in &committed.told {
        *counts.entry((told.kind, told.outcome)).or_default() += 1;
        let waited = between(told.accepted_at, times.committed);
        ACCEPT_TO_COMMIT.time(waited, []);
        command_span(told, &times, span);
        line(told, waited, batch.items.len());
    }
    for ((kind, outcome), count) in counts {
        COMMANDS_DECIDED.add(count, [kind.into(), outcome.into()]);
    }
    for (partition, cursor) in &committed.after {
        lag::decided(*partition, cursor.last_seq);
    }
}

/// Clocks of two hosts may differ: never less than nothing.
fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

/// One line for each command, whatever became of it.
fn line(told: &Told, waited: Duration, batch: usize) {
    let own = told.steps.map(|steps| steps.own);
    tracing::info!(
        target: "medique::command",
        command_id = told.command_id.map(tracing::field::display),
        r#type = told.kind,
        outcome = told.outcome,
        code = told.code,
        visit_id = told.visit_id.map(tracing::field::display),
        partition = told.partition,
        seq = told.seq,
        accept_to_commit_ms = waited.as_secs_f64() * 1000.0,
        batch,
        trace_id = own.map(|own| own.trace_id()),
        span_id = own.map(|own| own.span_id()),
        "command decided"
    );
}

fn command_span(told: &Told, times: &Times, batch: &Span) {
    let Some(Steps { cause, own }) = told.steps else {
        return;
    };
    let failed = told.outcome == "parked";
    if !trace::is_on() || !(own.is_sampled() || failed) {
        return;
    }
    let mut span = Span::at(own, Some(cause), SpanKind::Consumer, "process COMMANDS");
    messaging(&mut span, "process", "process");
    span.attribute_of(COMMAND_ID, told.command_id)
        .attribute_of(VISIT_ID, told.visit_id)
        .attribute(COMMAND_TYPE, told.kind)
        .attribute(OUTCOME, told.outcome)
        .attribute_of(semconv::MESSAGING_MESSAGE_ID, told.command_id)
        .attribute_of(semconv::MESSAGING_PARTITION, Some(told.partition));
    if let Some(code) = told.code {
        span.attribute("medique.rejection.code", code);
    }
    if failed {
        span.fail("parked");
    }
    span.link(&batch.context());
    span.began_at(times.begun).ended_at(times.committed);
    commit_span(&own, times);
}

/// Everything of a batch is one commit: its step stands below each command of the batch.
fn commit_span(parent: &TraceContext, times: &Times) {
    if !parent.is_sampled() {
        return;
    }
    let mut span = Span::child_of(parent, SpanKind::Client, "COMMIT");
    span.attribute(semconv::DB_SYSTEM, semconv::POSTGRESQL)
        .attribute(semconv::DB_OPERATION, "COMMIT")
        .began_at(times.written)
        .ended_at(times.committed);
}
