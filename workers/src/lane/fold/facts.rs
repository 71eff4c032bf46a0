//! Each fact becomes one audit row and one outbox row with the same id.

use super::Fold;
use crate::lane::batch::Item;
use crate::lane::plan::OutboxRow;
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::{CommandId, FacilityId, VisitId};
use medique_contracts::{EventBody, EventMessage, subjects};
use medique_domain::decide::Transition;
use medique_platform::audit::ChainRow;
use medique_platform::trace_context::TraceContext;

/// Who and what caused the rows that are being written.
pub(super) struct Cause {
    pub(super) command_id: CommandId,
    pub(super) facility_id: FacilityId,
    pub(super) actor: String,
    pub(super) traceparent: Option<String>,
    /// Deciding the command.
    pub(super) step: Option<TraceContext>,
}

impl Cause {
    /// What an event carries: the step that caused it, or what its command carried.
    pub(super) fn carried(&self) -> Option<String> {
        let step = self.step.as_ref().map(TraceContext::traceparent);
        step.or_else(|| self.traceparent.clone())
    }
}

pub(super) fn trace_id(traceparent: Option<&str>) -> Option<String> {
    traceparent
        .and_then(TraceContext::parse)
        .map(|context| context.trace_id())
}

impl Fold {
    /// One audit row and one outbox row with the same id.
    pub(super) fn record(
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
            traceparent: caused.carried(),
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

    pub(super) fn emit(
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
        self.plan.audit.push(row);
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
            cause: caused.step,
            committed_at: None,
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
}
