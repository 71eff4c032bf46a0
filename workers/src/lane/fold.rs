//! ⑤ Folds a batch in memory, in stream order. Refusals are values; nothing here touches the
//! database or a clock, so folding the same messages over the same world gives the same plan.

mod advice;
mod facts;
mod parking;

pub(super) use parking::park_only;

use super::batch::{Batch, Cursors, Item};
use super::load::Loaded;
use super::plan::{InboxRow, Plan};
use super::telling::{Steps, Told, words};
use facts::{Cause, trace_id};
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::CommandId;
use medique_contracts::{CommandMessage, Outcome};
use medique_domain::decide::{Change, Decision, Transition, VisitChange};
use medique_platform::failpoint;
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
    plan.keys = loaded.keys;
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
        self.note_redrive(item);
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
            Ok(Err(rejection)) => {
                self.refused_advice(item, message, rejection.code);
                Outcome::Rejected { rejection }
            }
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
            step: Steps::of(item, message).map(|steps| steps.own),
        };
        for (index, transition) in (0..).zip(&decision.transitions) {
            self.loaded.world.apply(transition);
            self.collect(item, &caused, transition);
            self.collect_triage(item, message, transition);
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
            Change::Adviser(switch) => self.plan.adviser.push(switch.clone()),
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
        if visit.erased {
            self.plan.erased.insert(visit.id);
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

    fn outcome(&mut self, item: &Item, message: &CommandMessage, outcome: Outcome) {
        let visit_id = match &outcome {
            Outcome::Applied { result } => result.visit.as_ref().map(|visit| visit.visit_id),
            _ => message.context.visit_id,
        };
        let (word, code) = words(&outcome);
        self.plan.told.push(Told {
            command_id: Some(message.command_id),
            kind: message.command.kind().as_str(),
            outcome: word,
            code,
            visit_id,
            partition: item.partition,
            seq: item.seq(),
            accepted_at: item.stored_at(),
            steps: Steps::of(item, message),
        });
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
                redriven: item.is_redrive(),
            },
        );
    }
}
