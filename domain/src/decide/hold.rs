//! Away for a while, and back.

use super::Decision;
use super::context::{Context, refuse};
use super::draft::{Draft, queue_state};
use super::place::{self, Place};
use crate::model::{HoldRecord, Visit};
use chrono::TimeDelta;
use medique_contracts::commands::Hold;
use medique_contracts::vocabulary::{DoctorStatus, StageState};
use medique_contracts::{EventType, Rejection, RejectionCode};

pub(super) fn hold(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Hold,
) -> Result<Decision, Rejection> {
    let from = visit.stage.state;
    if context.is_patient() && !from.is_waiting() {
        return Err(stepping_out_only());
    }
    let mut draft = Draft::of(context, visit);
    let stage = draft.stage();
    let now = stage.tick(context.now);
    let minutes = payload.expected_return_minutes;
    stage.hold = Some(HoldRecord {
        reason: payload.reason.clone(),
        expected_back_at: minutes.map(|minutes| now + TimeDelta::minutes(i64::from(minutes))),
        resume_to: from,
    });
    stage.state = StageState::OnHold;
    Ok(draft
        .because(Some(&payload.reason))
        .done(EventType::VisitHeld)
        .into())
}

/// A held waiter resumes in the old place. A held consultation goes on if doctor and room are
/// free, else the patient waits at the front of that doctor's line.
pub(super) fn resume(context: &Context<'_>, visit: &Visit) -> Result<Decision, Rejection> {
    let held = visit.stage.hold.as_ref();
    let seen = held.is_some_and(|hold| hold.resume_to == StageState::InConsultation);
    if seen && context.is_patient() {
        return Err(stepping_out_only());
    }
    let mut draft = Draft::of(context, visit);
    let stage = draft.stage();
    stage.tick(context.now);
    match free_place(context, visit).filter(|_| seen) {
        Some(place) => {
            place.occupy(stage);
            stage.state = StageState::InConsultation;
            stage.hold = None;
        }
        None => {
            if seen {
                stage.front = true;
                stage.assigned_doctor_id = stage.doctor_id.or(stage.assigned_doctor_id);
            }
            stage.back_to_queue();
            stage.state = queue_state(visit.level);
        }
    }
    Ok(draft.done(EventType::VisitResumed).into())
}

fn free_place(context: &Context<'_>, visit: &Visit) -> Option<Place> {
    let doctor = visit
        .stage
        .doctor_id
        .and_then(|id| context.world.doctors.get(&id))?;
    let room = visit
        .stage
        .room_id
        .and_then(|id| context.world.rooms.get(&id))?;
    let at_work = doctor.status == DoctorStatus::Available && room.settings.open;
    at_work
        .then(|| place::again(context, visit, &visit.stage).ok())
        .flatten()
}

fn stepping_out_only() -> Rejection {
    let detail = "patients can step out only while they wait";
    refuse(RejectionCode::InvalidTransition, detail)
}
