//! From one department to another, and from one doctor to another.

use super::Decision;
use super::context::{Context, refuse};
use super::draft::{Draft, Opening, queue_state};
use crate::model::Visit;
use medique_contracts::commands::{Reassign, Transfer};
use medique_contracts::vocabulary::{StageState, TransferPlace};
use medique_contracts::{EventType, Rejection, RejectionCode};

/// Closes the stage and opens the next; visit, token, level and arrival stay.
pub(super) fn transfer(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Transfer,
) -> Result<Decision, Rejection> {
    if payload.department_id == visit.stage.department_id {
        let detail = "the visit is already in that department";
        return Err(refuse(RejectionCode::SameDepartment, detail));
    }
    let target = context.department(payload.department_id)?;
    if !target.settings.open {
        let detail = "that department takes no patients now";
        return Err(refuse(RejectionCode::DepartmentClosed, detail));
    }
    if let Some(doctor) = payload.assigned_doctor_id {
        context.doctor_in(doctor, target.id)?;
    }
    let mut draft = Draft::of(context, visit);
    let old = draft.stage();
    old.end(StageState::Transferred, context.now);
    let entered_at = old.ended_at.unwrap_or(context.now);
    let place = payload.place.unwrap_or(target.settings.transfer_place);
    let opening = Opening {
        ordinal: visit.last_ordinal + 1,
        department_id: target.id,
        state: queue_state(visit.level),
        assigned_doctor_id: payload.assigned_doctor_id,
        front: place == TransferPlace::Front,
        queued_since: match place {
            TransferPlace::ByArrival => visit.arrived_at,
            TransferPlace::Front | TransferPlace::Back => entered_at,
        },
        entered_at,
    };
    draft.replace_stage(opening.stage());
    Ok(draft
        .because(Some(&payload.reason))
        .done(EventType::VisitTransferred)
        .into())
}

pub(super) fn reassign(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Reassign,
) -> Result<Decision, Rejection> {
    if let Some(doctor) = payload.doctor_id {
        context.doctor_in(doctor, visit.stage.department_id)?;
    }
    let mut draft = Draft::of(context, visit);
    draft.stage().assigned_doctor_id = payload.doctor_id;
    Ok(draft.done(EventType::VisitReassigned).into())
}
