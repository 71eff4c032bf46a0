//! The consultation: its start, its end, and the patient who did not come to it.

use super::context::{Context, refuse};
use super::draft::Draft;
use super::{Decision, Notes, Transition, call, place};
use crate::model::Visit;
use chrono::TimeDelta;
use medique_contracts::commands::{Complete, NoShow, Start};
use medique_contracts::vocabulary::StageState;
use medique_contracts::{EventType, Rejection, RejectionCode};

/// A called patient is started by the doctor who called. A waiting patient who walks straight in
/// is called and started at once, in two transitions.
pub(super) fn start(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Start,
) -> Result<Decision, Rejection> {
    if visit.stage.state == StageState::Called {
        in_charge(context, visit)?;
        return Ok(started(context, visit).into());
    }
    let department = context.addressed_department(visit)?;
    let doctor = place::doctor(context, department, None)?;
    let place = place::find(context, department, doctor, payload.room_id, visit.id)?;
    let called = call::called(context, visit, place, None);
    let started = match &called.change {
        super::Change::Visit(change) => started(context, &change.visit),
        _ => return Err(super::impossible()),
    };
    Ok(vec![called, started].into())
}

fn started(context: &Context<'_>, visit: &Visit) -> Transition {
    let mut draft = Draft::of(context, visit);
    let stage = draft.stage();
    let now = stage.tick(context.now);
    stage.started_at = stage.started_at.or(Some(now));
    stage.state = StageState::InConsultation;
    draft.done(EventType::VisitStarted)
}

pub(super) fn complete(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Complete,
) -> Result<Decision, Rejection> {
    in_charge(context, visit)?;
    let mut draft = Draft::of(context, visit);
    draft.stage().end(StageState::Completed, context.now);
    let notes = Notes {
        notes: payload.notes.clone(),
        prescription: payload.prescription.clone(),
    };
    draft.change().notes = Some(notes).filter(|notes| *notes != Notes::default());
    Ok(draft.done(EventType::VisitCompleted).into())
}

fn in_charge(context: &Context<'_>, visit: &Visit) -> Result<(), Rejection> {
    if context.own_doctor().is_some() && context.own_doctor() == visit.stage.doctor_id {
        Ok(())
    } else {
        Err(refuse(
            RejectionCode::NotInCharge,
            "another doctor is in charge",
        ))
    }
}

pub(super) fn no_show(
    context: &Context<'_>,
    visit: &Visit,
    payload: &NoShow,
) -> Result<Decision, Rejection> {
    // Invariant 14.
    if context.is_system() && visit.level <= 2 {
        let detail = "a person decides about patients of level 1 and 2";
        return Err(refuse(RejectionCode::HumanRequired, detail));
    }
    let settings = &context.department_of(visit)?.settings;
    let grace = TimeDelta::seconds(i64::from(settings.no_show_grace_s));
    let waited = visit
        .stage
        .last_called_at
        .is_none_or(|last| context.now - last >= grace);
    if visit.stage.recall_count < settings.no_show_recalls || !waited {
        let detail = "the patient was not yet announced often enough or long enough ago";
        return Err(refuse(RejectionCode::NoShowTooSoon, detail));
    }
    let mut draft = Draft::of(context, visit);
    draft.stage().end(StageState::NoShow, context.now);
    Ok(draft
        .because(payload.reason.as_deref())
        .done(EventType::VisitNoShow)
        .into())
}
