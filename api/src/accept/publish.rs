//! From an intent to a stored message: gate, broker, and what a duplicate means.

use super::answer::{Answer, Answered};
use super::outcome;
use super::position::Position;
use super::wait::{Awaited, wait};
use super::waiters::Waiter;
use super::{Conditions, Intent, database_unavailable};
use crate::app::App;
use crate::edge::telling::reason;
use crate::problem::{ApiCode, Problem};
use bytes::Bytes;
use chrono::TimeDelta;
use medique_contracts::ids::DepartmentId;
use medique_contracts::subjects::{
    self, COMMANDS_STREAM, HEADER_AWAITED, HEADER_FINGERPRINT, partition_of,
};
use medique_contracts::{CommandContext, CommandMessage, RejectionCode};
use medique_platform::bus::{OutgoingMessage, PublishError, StoredMessage};
use medique_platform::telemetry::metrics::catalogue::COMMANDS_ACCEPTED;
use medique_platform::telemetry::trace::{
    COMMAND_ID, COMMAND_TYPE, Span, SpanKind, VISIT_ID, semconv,
};
use medique_platform::trace_context::TraceContext;

/// A message that the broker stores later than this after it was sent has no effect, seconds.
const LIFE_S: i64 = 60;

/// Where a stored command stands, and whether this request put it there.
struct Placed {
    position: Position,
    replayed: bool,
}

/// A command that the broker has stored, and the wait for its outcome.
pub(super) struct Sent<'a> {
    placed: Placed,
    waiter: Option<Waiter<'a>>,
}

/// Publishes the command.
pub(super) async fn send<'a>(
    app: &'a App,
    conditions: &Conditions,
    intent: &Intent,
    department: Option<DepartmentId>,
) -> Result<Sent<'a>, Problem> {
    let mut step = step(conditions, intent, department);
    let message = message(&step.context(), conditions, intent, department)?;
    // Before publishing, so that the outcome cannot come and go in between.
    let waiter = conditions.wait_s.map(|_| app.waiters.register(intent.id));
    let placed = place(app, conditions, intent, department, message).await;
    let placed = placed.inspect_err(|problem| {
        // a key that was used before is the client's affair
        if problem.code().status().is_server_error() {
            step.fail(reason(problem));
        }
    })?;
    Ok(Sent { placed, waiter })
}

/// Answers with the outcome, where the client waits for it and it comes in time, or with the
/// acceptance.
pub(super) async fn answer(
    app: &App,
    conditions: &Conditions,
    intent: &Intent,
    sent: Sent<'_>,
) -> Answered {
    let Sent { placed, mut waiter } = sent;
    if let (Some(wait_s), Some(waiter)) = (conditions.wait_s, &mut waiter) {
        let awaited = Awaited {
            wait_s,
            replayed: placed.replayed,
        };
        if let Some(decided) = wait(app, waiter, intent, &placed.position, &awaited).await {
            return outcome::answer(app, conditions, intent, &decided, &awaited);
        }
    }
    Ok(Answer::Accepted {
        body: outcome::accepted(app, intent, &placed.position)?,
        replayed: placed.replayed,
    })
}

/// Publishing it, as a step of the request's trace: what the worker does hangs on it.
fn step(conditions: &Conditions, intent: &Intent, department: Option<DepartmentId>) -> Span {
    let mut step = Span::child_of(&conditions.trace, SpanKind::Producer, "publish COMMANDS");
    let partition = partition_of(intent.caller.facility_id, department);
    step.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
        .attribute(semconv::MESSAGING_DESTINATION, COMMANDS_STREAM)
        .attribute(semconv::MESSAGING_OPERATION, "publish")
        .attribute(semconv::MESSAGING_OPERATION_TYPE, "send")
        .attribute_of(semconv::MESSAGING_PARTITION, Some(partition))
        .attribute_of(semconv::MESSAGING_MESSAGE_ID, Some(intent.id))
        .attribute_of(COMMAND_ID, Some(intent.id))
        .attribute(COMMAND_TYPE, intent.kind.as_str())
        .attribute_of(VISIT_ID, intent.visit);
    step
}

fn message(
    step: &TraceContext,
    conditions: &Conditions,
    intent: &Intent,
    department: Option<DepartmentId>,
) -> Result<OutgoingMessage, Problem> {
    let now = medique_platform::clock::now();
    let facility_id = intent.caller.facility_id;
    let message = CommandMessage {
        command_id: intent.id,
        traceparent: Some(step.traceparent()),
        context: CommandContext {
            actor: intent.caller.actor.clone(),
            facility_id,
            department_id: department,
            visit_id: intent.visit,
            expected_version: intent.expected_version,
            fingerprint: intent.fingerprint.clone(),
            sent_at: now,
            not_after: now + TimeDelta::seconds(LIFE_S),
        },
        command: intent.command.clone(),
    };
    let payload = message
        .to_bytes()
        .map_err(|_| Problem::new(RejectionCode::InvalidField))?;
    let mut headers = vec![(HEADER_FINGERPRINT, intent.fingerprint.clone())];
    if conditions.wait_s.is_some() {
        headers.push((HEADER_AWAITED, "1".to_owned()));
    }
    Ok(OutgoingMessage {
        subject: subjects::command(facility_id, department, intent.kind),
        message_id: intent.id.to_string(),
        headers,
        payload: Bytes::from(payload),
    })
}

async fn place(
    app: &App,
    conditions: &Conditions,
    intent: &Intent,
    department: Option<DepartmentId>,
    message: OutgoingMessage,
) -> Result<Placed, Problem> {
    let place = app.gate.enter().await?;
    let stored = app.publisher.publish(message).await.map_err(refused)?;
    let own_partition = partition_of(intent.caller.facility_id, department);
    let partition = if stored.duplicate {
        drop(place);
        // Boxed, because it is rare and its state would make every request's larger.
        Box::pin(original_partition(app, intent, stored.seq))
            .await?
            .unwrap_or(own_partition)
    } else {
        place.stored(own_partition, stored.seq);
        COMMANDS_ACCEPTED.add(1, [intent.kind.as_str().into()]);
        own_partition
    };
    let position = Position {
        partition,
        seq: stored.seq,
        accepted_at: medique_platform::clock::now(),
        trace_id: outcome::trace_id(&conditions.trace.trace_id()),
        kind: intent.kind,
    };
    Ok(Placed {
        position,
        replayed: stored.duplicate,
    })
}

/// Where the copy of a message that was put aside stands.
pub struct Again {
    /// Its partition.
    pub partition: u16,
    /// Its sequence in COMMANDS.
    pub seq: u64,
}

/// Publishes the copy of a message that was put aside, through the same gate as any command.
///
/// # Errors
/// `not_accepted`, `queue_full`, `outcome_unknown`: asking again is safe.
pub async fn again(app: &App, partition: u16, message: OutgoingMessage) -> Result<Again, Problem> {
    let place = app.gate.enter().await?;
    let stored = app.publisher.publish(message).await.map_err(refused)?;
    if !stored.duplicate {
        place.stored(partition, stored.seq);
    }
    Ok(Again {
        partition,
        seq: stored.seq,
    })
}

/// Compares the request with the one that was stored first under the same key; gives the partition
/// of that one, which may differ when the visit has moved since.
async fn original_partition(app: &App, intent: &Intent, seq: u64) -> Result<Option<u16>, Problem> {
    let reused = || Problem::new(ApiCode::IdempotencyKeyReused);
    let unknown = || Problem::new(ApiCode::OutcomeUnknown).retry_after(1);
    if let Some(original) = app
        .bus
        .get(COMMANDS_STREAM, seq)
        .await
        .map_err(|_| unknown())?
    {
        let same = original.header(HEADER_FINGERPRINT) == Some(&intent.fingerprint);
        return if same {
            Ok(partition_in(&original))
        } else {
            Err(reused())
        };
    }
    // Purged, so decided long ago.
    let known = app
        .inbox
        .get(intent.id)
        .await
        .map_err(|_| database_unavailable())?;
    match known {
        Some(row) if row.fingerprint == intent.fingerprint => {
            Ok(Some(row.partition.unsigned_abs()))
        }
        Some(_) => Err(reused()),
        None => Err(unknown()),
    }
}

/// The stored subject is `p.<partition>.cmd...`.
fn partition_in(message: &StoredMessage) -> Option<u16> {
    message.subject.split('.').nth(1)?.parse().ok()
}

fn refused(error: PublishError) -> Problem {
    let code = match error {
        PublishError::NotAccepted => ApiCode::NotAccepted,
        PublishError::QueueFull => ApiCode::QueueFull,
        PublishError::OutcomeUnknown => ApiCode::OutcomeUnknown,
        PublishError::TooLarge => return Problem::new(ApiCode::BodyTooLarge),
    };
    Problem::new(code).retry_after(1)
}
