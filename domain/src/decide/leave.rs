//! How a visit ends without care, and how a patient comes back.

use super::context::{Context, refuse};
use super::draft::{Draft, Opening, queue_state};
use super::{Decision, RETURN_AFTER_DEFAULT};
use crate::model::{Department, Visit};
use crate::queue_order::{self, QueueEntry};
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::commands::{Cancel, Leave, Return};
use medique_contracts::vocabulary::{ReturnPlace, StageState};
use medique_contracts::{EventType, Rejection, RejectionCode};

pub(super) fn cancel(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Cancel,
) -> Result<Decision, Rejection> {
    if context.is_patient() && visit.stage.started_at.is_some() {
        let detail = "patients can cancel only before the consultation has started";
        return Err(refuse(RejectionCode::InvalidTransition, detail));
    }
    let mut draft = Draft::of(context, visit);
    draft.stage().end(StageState::Cancelled, context.now);
    Ok(draft
        .because(Some(&payload.reason))
        .done(EventType::VisitCancelled)
        .into())
}

pub(super) fn leave(context: &Context<'_>, visit: &Visit, payload: &Leave) -> Decision {
    let mut draft = Draft::of(context, visit);
    draft.stage().end(StageState::Left, context.now);
    draft
        .because(payload.reason.as_deref())
        .done(EventType::VisitLeft)
        .into()
}

pub(super) fn expire_scan(context: &Context<'_>, visit: &Visit) -> Decision {
    let mut draft = Draft::of(context, visit).final_step();
    draft.stage().end(StageState::Expired, context.now);
    draft.done(EventType::VisitExpired).into()
}

/// Opens a new stage in the same department, on the same service day.
pub(super) fn come_back(
    context: &Context<'_>,
    visit: &Visit,
    payload: &Return,
) -> Result<Decision, Rejection> {
    if visit.token.is_none() {
        let detail = "the scan was never confirmed; scan or check in again";
        return Err(refuse(RejectionCode::InvalidTransition, detail));
    }
    if context.today() != visit.service_day {
        let detail = "patients can come back on the same service day only";
        return Err(refuse(RejectionCode::ServiceDayOver, detail));
    }
    context.only_live_visit(visit)?;
    let department = context.addressed_department(visit)?;
    let mut draft = Draft::of(context, visit);
    let old = draft.stage();
    let entered_at = old.tick(context.now);
    let stays = |doctor: &_| context.doctor_in(*doctor, department.id).is_ok();
    let place = payload.place.unwrap_or(department.settings.return_place);
    let after = payload.after.unwrap_or(RETURN_AFTER_DEFAULT);
    let opening = Opening {
        ordinal: visit.last_ordinal + 1,
        department_id: department.id,
        state: queue_state(visit.level),
        assigned_doctor_id: visit.stage.assigned_doctor_id.filter(stays),
        front: visit.stage.front && place == ReturnPlace::Original,
        queued_since: match place {
            ReturnPlace::Original => visit.stage.queued_since,
            ReturnPlace::After => behind(context, department, visit, after),
            ReturnPlace::Back => entered_at,
        },
        entered_at,
    };
    draft.replace_stage(opening.stage());
    Ok(draft
        .because(payload.reason.as_deref())
        .done(EventType::VisitReturned)
        .into())
}

/// The instant that puts `visit` behind the next `after` patients of its level, and never before
/// its old place. Patients placed in front are ahead in any case.
fn behind(
    context: &Context<'_>,
    department: &Department,
    visit: &Visit,
    after: u8,
) -> DateTime<Utc> {
    let mut line: Vec<QueueEntry> = (context.world.waiting(department.id))
        .filter(|other| other.level == visit.level)
        .map(|other| QueueEntry::new(other, department))
        .collect();
    queue_order::sort(&mut line, context.now);
    let passed = line
        .iter()
        .take(usize::from(after))
        .filter(|entry| !entry.front);
    let last = passed
        .map(|entry| entry.queued_since + TimeDelta::microseconds(1))
        .max();
    last.map_or(visit.stage.queued_since, |last| {
        last.max(visit.stage.queued_since)
    })
}
