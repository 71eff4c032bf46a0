//! ⑤ Folds a batch in memory, in stream order. Refusals are values; nothing here touches the
//! database or a clock, so folding the same messages over the same world gives the same plan.

use super::batch::{Batch, Cursors, Item};
use super::load::Loaded;
use super::plan::{DeadLetter, InboxRow, OutboxRow, Plan};
use crate::audit::ChainRow;
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::{CommandId, EventId, FacilityId, VisitId};
use medique_contracts::{
    CommandMessage, EventBody, EventData, EventMessage, EventType, Outcome, subjects,
};
use medique_domain::decide::{Change, Decision, Transition, VisitChange};
use medique_platform::failpoint;
use medique_platform::trace_context::TraceContext;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Folds `batch` over `loaded` and returns what is to be written.
///
/// # Errors
/// An event that JSON cannot hold; never for the types of `contracts`.
pub async fn fold(batch: &Batch, loaded: Loaded) -> Result<Plan, EnvelopeError> {
    let mut fold = Fold {
        loaded,
        after: batch.before.clone(),
        plan: Plan::default(),
    };
    for item in &batch.items {
        fold.item(item)?;
        failpoint::hit("mid_fold").await;
    }
    let Fold {
        loaded,
        after,
        mut plan,
    } = fold;
    plan.versions = loaded.versions;
    plan.before = batch.before.clone();
    plan.after = after;
    plan.counts = batch
        .items
        .iter()
        .fold(BTreeMap::new(), |mut counts, item| {
            *counts.entry(item.partition).or_insert(0) += 1;
            counts
        });
    Ok(plan)
}

struct Fold {
    loaded: Loaded,
    after: Cursors,
    plan: Plan,
}

impl Fold {
    fn item(&mut self, item: &Item) -> Result<(), EnvelopeError> {
        if let Some(cursor) = self.after.get_mut(&item.partition) {
            cursor.last_seq = item.seq();
        }
        let command_id = item.command_id();
        if let Some(id) = command_id
            && self.is_settled(id, item)
        {
            return Ok(());
        }
        match &item.content {
            Ok(message) => self.command(item, message),
            Err(reason) => self.park(item, command_id, None, reason.clone()),
        }
    }

    /// Whether the command was decided before, in an earlier batch or in this one. A redriven copy
    /// of a dead letter may be decided once more.
    fn is_settled(&self, id: CommandId, item: &Item) -> bool {
        let earlier = match self.loaded.decided.get(&id) {
            Some(decided) => !(decided.dead_lettered && item.is_redrive()),
            None => false,
        };
        earlier || self.plan.inbox.contains_key(&id)
    }

    fn command(&mut self, item: &Item, message: &CommandMessage) -> Result<(), EnvelopeError> {
        // A bug in a rule must cost one command, not the partition.
        let decided = catch_unwind(AssertUnwindSafe(|| {
            medique_domain::decide(&self.loaded.world, message, item.stored_at())
        }));
        let outcome = match decided {
            Err(_) => {
                let facility = Some(message.context.facility_id);
                let reason = "the rules panicked on this command".to_owned();
                return self.park(item, Some(message.command_id), facility, reason);
            }
            Ok(Err(rejection)) => Outcome::Rejected { rejection },
            Ok(Ok(decision)) => self.accept(item, message, decision)?,
        };
        self.outcome(item, message, outcome);
        Ok(())
    }

    fn accept(
        &mut self,
        item: &Item,
        message: &CommandMessage,
        decision: Decision,
    ) -> Result<Outcome, EnvelopeError> {
        let caused = Cause {
            command_id: message.command_id,
            facility_id: message.context.facility_id,
            actor: message.context.actor.key(),
            traceparent: message.traceparent.clone(),
        };
        for (index, transition) in (0..).zip(&decision.transitions) {
            self.loaded.world.apply(transition);
            self.collect(item, &caused, transition);
            self.record(item, &caused, index, transition)?;
        }
        Ok(Outcome::Applied {
            result: decision.result,
        })
    }

    /// Notes which rows a transition changes. Rows of visits and stages are taken from the world at
    /// the end, so several commands on one visit are one write.
    fn collect(&mut self, item: &Item, caused: &Cause, transition: &Transition) {
        match &transition.change {
            Change::Visit(change) => self.collect_visit(item, caused, change),
            Change::Doctor(doctor) => {
                self.plan.doctors.insert(doctor.id, doctor.clone());
            }
            Change::Department(department) => {
                self.plan
                    .departments
                    .insert(department.id, department.clone());
            }
            Change::Room(room) => {
                self.plan.rooms.insert(room.id, room.clone());
            }
            Change::Nothing => {}
        }
    }

    fn collect_visit(&mut self, item: &Item, caused: &Cause, change: &VisitChange) {
        let visit = &change.visit;
        self.plan.stages.insert(
            (visit.id, visit.stage.ordinal),
            (visit.stage.clone(), visit.level),
        );
        for stage in &change.other_stages {
            self.plan
                .stages
                .insert((visit.id, stage.ordinal), (stage.clone(), visit.level));
        }
        if let Some((department, day, number)) = change.token_taken {
            self.plan.tokens.insert((department, day), number);
        }
        if let Some(link) = change.link_used {
            self.plan
                .used_links
                .push((link, visit.id, item.stored_at()));
        }
        if let Some(vitals) = &change.vitals {
            self.plan.vitals.push((
                visit.id,
                visit.version,
                item.stored_at(),
                caused.actor.clone(),
                vitals.clone(),
            ));
        }
        if let Some(notes) = &change.notes {
            self.plan.notes.push((
                visit.id,
                visit.version,
                item.stored_at(),
                caused.actor.clone(),
                notes.clone(),
            ));
        }
        if let Some((doctor, room)) = change.doctor_last_room {
            self.plan.last_rooms.insert(doctor, room);
        }
        self.plan
            .visits
            .insert(visit.id, (visit.clone(), item.partition));
    }

    /// One audit row and one outbox row with the same id.
    fn record(
        &mut self,
        item: &Item,
        caused: &Cause,
        index: u32,
        transition: &Transition,
    ) -> Result<(), EnvelopeError> {
        let detail = transition
            .audit_detail
            .as_ref()
            .map(serde_json::to_string)
            .transpose()?;
        let event = EventMessage {
            event_id: caused.command_id.event(index),
            event_type: transition.event_type,
            traceparent: caused.traceparent.clone(),
            body: EventBody {
                facility_id: caused.facility_id,
                department_id: transition.department_id,
                occurred_at: item.stored_at(),
                command_id: caused.command_id,
                facts: transition.facts.clone(),
            },
        };
        self.emit(item, caused, event, detail)
    }

    fn emit(
        &mut self,
        item: &Item,
        caused: &Cause,
        event: EventMessage,
        detail: Option<String>,
    ) -> Result<(), EnvelopeError> {
        let visit = event.visit().map(|visit| (visit.visit_id, visit.version));
        let body = &event.body;
        let subject = subjects::event(
            body.facility_id,
            body.department_id,
            visit.map(|(id, _)| id),
            event.event_type,
        );
        let Some(cursor) = self.after.get_mut(&item.partition) else {
            return Ok(());
        };
        cursor.chain_seq += 1;
        let row = ChainRow {
            partition: item.partition,
            chain_seq: cursor.chain_seq,
            event_id: event.event_id.0,
            facility_id: body.facility_id.0,
            department_id: body.department_id.map(|id| id.0),
            visit_id: visit.map(|(id, _)| id.0),
            version: visit.map(|(_, version)| version),
            event_type: event.event_type.as_str().to_owned(),
            actor: caused.actor.clone(),
            command_id: caused.command_id.0,
            occurred_at: body.occurred_at,
            trace_id: trace_id(caused.traceparent.as_deref()),
            facts: serde_json::to_string(&body.facts)?,
            detail,
        };
        let hash = row.hash(&cursor.chain_head);
        let prev_hash = std::mem::replace(&mut cursor.chain_head, hash.clone());
        self.plan.audit.push((row, prev_hash, hash));
        let payload = event.to_bytes()?;
        let waits_for_others =
            visit.is_some_and(|(id, _)| self.written_elsewhere(id, item.partition));
        self.plan.outbox.push(OutboxRow {
            event_id: event.event_id,
            partition: item.partition,
            visit_id: visit.map(|(id, _)| id),
            version: visit.map(|(_, version)| version),
            subject,
            payload,
            waits_for_others,
        });
        Ok(())
    }

    /// Whether the visit's previous event was written by another partition, whose relay may not
    /// have published it yet.
    fn written_elsewhere(&mut self, visit: VisitId, partition: i16) -> bool {
        self.loaded
            .writers
            .insert(visit, partition)
            .is_some_and(|before| before != partition)
    }

    fn outcome(&mut self, item: &Item, message: &CommandMessage, outcome: Outcome) {
        let visit_id = match &outcome {
            Outcome::Applied { result } => result.visit.as_ref().map(|visit| visit.visit_id),
            _ => message.context.visit_id,
        };
        self.plan.inbox.insert(
            message.command_id,
            InboxRow {
                kind: message.command.kind().as_str().to_owned(),
                actor: message.context.actor.key(),
                fingerprint: message.context.fingerprint.clone(),
                partition: item.partition,
                seq: item.seq(),
                outcome,
                visit_id,
                trace_id: trace_id(message.traceparent.as_deref()),
                accepted_at: item.stored_at(),
                awaited: item.is_awaited(),
            },
        );
    }

    /// Keeps a message that cannot be processed, whole, for an admin to decide on.
    fn park(
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
        let Some(command_id) = command_id else {
            return Ok(());
        };
        self.plan.inbox.insert(
            command_id,
            InboxRow {
                kind: message.map_or_else(
                    || "unknown".to_owned(),
                    |m| m.command.kind().as_str().to_owned(),
                ),
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
        };
        let event = EventMessage {
            event_id: EventId(DeadLetter::id_of(item)),
            event_type: EventType::CommandDeadLettered,
            traceparent: caused.traceparent.clone(),
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

/// Who and what caused the rows that are being written.
struct Cause {
    command_id: CommandId,
    facility_id: FacilityId,
    actor: String,
    traceparent: Option<String>,
}

fn trace_id(traceparent: Option<&str>) -> Option<String> {
    traceparent
        .and_then(TraceContext::parse)
        .map(|context| context.trace_id())
}

/// The facility that a command's subject names: `…cmd.v1.<facility>.<department>.<command>`.
fn facility_of(subject: &str) -> Option<FacilityId> {
    subject.rsplit('.').nth(2)?.parse().ok()
}

/// Turns the single message of `batch` into a dead letter, after the database refused it for good.
///
/// # Errors
/// As [`fold`].
pub fn park_only(batch: &Batch, reason: &str) -> Result<Plan, EnvelopeError> {
    let mut fold = Fold {
        loaded: Loaded::default(),
        after: batch.before.clone(),
        plan: Plan::default(),
    };
    for item in &batch.items {
        if let Some(cursor) = fold.after.get_mut(&item.partition) {
            cursor.last_seq = item.seq();
        }
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
