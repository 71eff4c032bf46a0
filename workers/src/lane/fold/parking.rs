//! Messages that cannot be processed are parked: kept whole, told, and out of the way.

use super::Fold;
use super::facts::{Cause, trace_id};
use crate::lane::batch::{Batch, Item};
use crate::lane::load::Loaded;
use crate::lane::plan::{DeadLetter, InboxRow, Plan};
use crate::lane::telling::{Steps, Told};
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::{CommandId, EventId, FacilityId};
use medique_contracts::{EventBody, EventData, EventMessage, EventType, Outcome};

impl Fold {
    /// Notes that a dead letter came again, whatever becomes of the copy.
    pub(super) fn note_redrive(&mut self, item: &Item) {
        if let Some((letter, asked)) = item.redrive_asked() {
            self.plan.redriven.insert(letter, (asked, item.stored_at()));
        }
    }

    /// Keeps a message that cannot be processed, whole, for an admin to decide on.
    pub(super) fn park(
        &mut self,
        item: &Item,
        command_id: Option<CommandId>,
        facility_id: Option<FacilityId>,
        reason: String,
    ) -> Result<(), EnvelopeError> {
        let message = item.content.as_ref().ok();
        let facility_id = facility_id.or_else(|| facility_of(&item.stored.subject));
        self.plan
            .dead_letters
            .push(DeadLetter::new(item, command_id, facility_id, &reason));
        let steps = message.and_then(|message| Steps::of(item, message));
        let kind = message.map_or("unknown", |m| m.command.kind().as_str());
        self.plan.told.push(Told {
            command_id,
            kind,
            outcome: "parked",
            code: None,
            visit_id: message.and_then(|m| m.context.visit_id),
            partition: item.partition,
            seq: item.seq(),
            accepted_at: item.stored_at(),
            steps,
        });
        let Some(command_id) = command_id else {
            return Ok(());
        };
        self.plan.inbox.insert(
            command_id,
            InboxRow {
                kind: kind.to_owned(),
                actor: message.map_or_else(|| "unknown".to_owned(), |m| m.context.actor.key()),
                fingerprint: message
                    .map(|m| m.context.fingerprint.clone())
                    .unwrap_or_default(),
                partition: item.partition,
                seq: item.seq(),
                outcome: Outcome::DeadLettered {
                    reason: reason.clone(),
                },
                visit_id: message.and_then(|m| m.context.visit_id),
                trace_id: message.and_then(|m| trace_id(m.traceparent.as_deref())),
                accepted_at: item.stored_at(),
                awaited: item.is_awaited(),
                redriven: item.is_redrive(),
            },
        );
        let Some(facility_id) = facility_id else {
            return Ok(());
        };
        let caused = Cause {
            command_id,
            facility_id,
            actor: "system:pipeline".to_owned(),
            traceparent: message.and_then(|m| m.traceparent.clone()),
            step: steps.map(|steps| steps.own),
        };
        let event = EventMessage {
            event_id: EventId(DeadLetter::id_of(item)),
            event_type: EventType::CommandDeadLettered,
            traceparent: caused.carried(),
            body: EventBody {
                facility_id,
                department_id: message.and_then(|m| m.context.department_id),
                occurred_at: item.stored_at(),
                command_id,
                facts: EventData::DeadLetter { reason },
            },
        };
        self.emit(item, &caused, event, None)
    }
}

/// The facility that a command's subject names: `…cmd.v1.<facility>.<department>.<command>`.
fn facility_of(subject: &str) -> Option<FacilityId> {
    subject.rsplit('.').nth(2)?.parse().ok()
}

/// Turns the single message of `batch` into a dead letter, after the database refused it for good.
///
/// # Errors
/// As [`fold`].
pub(in crate::lane) fn park_only(batch: &Batch, reason: &str) -> Result<Plan, EnvelopeError> {
    let mut fold = Fold {
        loaded: Loaded::default(),
        after: batch.before.clone(),
        plan: Plan::default(),
    };
    for item in &batch.items {
        if let Some(cursor) = fold.after.get_mut(&item.partition) {
            cursor.last_seq = item.seq();
        }
        fold.note_redrive(item);
        fold.park(item, item.command_id(), None, reason.to_owned())?;
    }
    let Fold {
        after, mut plan, ..
    } = fold;
    plan.before = batch.before.clone();
    plan.after = after;
    plan.counts = batch.items.iter().map(|item| (item.partition, 1)).collect();
    Ok(plan)
}
