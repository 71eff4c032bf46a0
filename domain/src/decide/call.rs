//! Calling: the next patient, a chosen one, again, and taking a wrong call back.

use super::context::{Context, refuse};
use super::draft::{Draft, queue_state};
use super::place::{self, Place};
use super::{Decision, Transition};
use crate::model::{Department, Doctor, Visit};
use crate::queue_order::{self, QueueEntry};
use chrono::TimeDelta;
use medique_contracts::commands::{Call, CallNext, Unclaim};
use medique_contracts::{EventType, Rejection, RejectionCode};

/// Least time between two announcements of the same patient.
pub const RECALL_GAP: TimeDelta = TimeDelta::seconds(10);

pub(super) fn call_next(context: &Context<'_>, payload: &CallNext) -> Result<Decision, Rejection> {
    let department = context.own_department()?;
    let doctor = place::doctor(context, department, payload.doctor_id)?;
    let head = head(context, department, doctor)
        .and_then(|entry| context.world.visits.get(&entry.visit_id))
        .ok_or_else(|| refuse(RejectionCode::NobodyWaiting, "nobody waits for that doctor"))?;
    let place = place::find(context, department, doctor, payload.room_id, head.id)?;
    Ok(called(context, head, place, None).into())
}

pub(super) fn call(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Call,
) -> Result<Decision, Rejection> {
    let department = context.addressed_department(visit)?;
    let doctor = place::doctor(context, department, payload.doctor_id)?;
    let at_head = visit.stage.state.is_waiting()
        && head(context, department, doctor).is_some_and(|entry| entry.visit_id == visit.id);
    if !at_head && payload.reason.is_none() {
        let detail = "the patient is not at the head of the queue; give a reason";
        return Err(refuse(RejectionCode::ReasonRequired, detail));
    }
    let place = place::find(context, department, doctor, payload.room_id, visit.id)?;
    Ok(called(context, visit, place, payload.reason.as_deref()).into())
}

/// The patient whom the doctor would be given now.
fn head(context: &Context<'_>, department: &Department, doctor: &Doctor) -> Option<QueueEntry> {
    let waiting = context.world.waiting(department.id);
    let entries = waiting.map(|visit| QueueEntry::new(visit, department));
    queue_order::next_for(entries, doctor.id, context.now)
}

/// The step to `CALLED`.
pub(super) fn called(
    context: &Context<'_>,
    visit: &Visit,
    place: Place,
    reason: Option<&str>,
) -> Transition {
    let mut draft = Draft::of(context, visit);
    place.call(draft.stage(), context.now);
    draft.change().doctor_last_room = Some((place.doctor_id, place.room_id));
    draft.because(reason).done(EventType::VisitCalled)
}

pub(super) fn recall(context: &Context<'_>, visit: &Visit) -> Result<Decision, Rejection> {
    if let Some(last) = visit.stage.last_called_at
        && context.now - last < RECALL_GAP
    {
        let detail = "the patient was announced less than ten seconds ago";
        return Err(refuse(RejectionCode::RecallTooSoon, detail));
    }
    let mut draft = Draft::of(context, visit);
    let stage = draft.stage();
    stage.last_called_at = Some(stage.tick(context.now));
    stage.recall_count = stage
        .recall_count
        .saturating_add(1)
        .min(i16::MAX.unsigned_abs());
    Ok(draft.done(EventType::VisitRecalled).into())
}

pub(super) fn unclaim(context: &Context<'_>, visit: &Visit, payload: &Unclaim) -> Decision {
    let mut draft = Draft::of(context, visit);
    let stage = draft.stage();
    stage.tick(context.now);
    stage.back_to_queue();
    stage.state = queue_state(visit.level);
    draft
        .because(payload.reason.as_deref())
        .done(EventType::VisitUnclaimed)
        .into()
}
