//! Taking back the last transition.

use super::context::{Context, refuse};
use super::draft::Draft;
use super::place;
use super::{Decision, TriageFact};
use crate::model::{UndoRecord, Visit};
use chrono::TimeDelta;
use medique_contracts::vocabulary::{Role, StageState};
use medique_contracts::{Actor, EventType, Rejection, RejectionCode};

/// How long a transition can be taken back.
pub const UNDO_WINDOW: TimeDelta = TimeDelta::seconds(60);

/// Restores the stage and the clinician's level of before, as a new version. Every transition
/// replaces the record, so only the very last one can be taken back.
pub(super) fn undo(context: &Context<'_>, visit: &Visit) -> Result<Decision, Rejection> {
    let record = visit
        .undo
        .as_ref()
        .ok_or_else(|| nothing_to_undo(context, visit))?;
    ensure_own(context, visit, record)?;
    if context.now - record.at > UNDO_WINDOW {
        return Err(refuse(
            RejectionCode::UndoExpired,
            "the time for taking it back is over",
        ));
    }
    let mut draft = Draft::of(context, visit).final_step();
    let mut restored = record.stage.clone();
    if restored.state.is_with_doctor() {
        place::again(context, visit, &restored)?.occupy(&mut restored);
    }
    if restored.state.is_live() {
        context.only_live_visit(visit)?;
    }
    if restored.ordinal == visit.stage.ordinal {
        *draft.stage() = restored;
    } else {
        draft.stage().end(StageState::Cancelled, context.now);
        draft.replace_stage(restored);
    }
    if let Some(set) = &visit.clinician
        && record.clinician.as_ref() != Some(set)
    {
        draft.change().triage = Some(TriageFact::TakenBack {
            version: set.version,
        });
    }
    draft.visit().clinician = record.clinician.clone();
    draft.relabel(context);
    Ok(draft.done(EventType::VisitUndone).into())
}

/// Staff of other departments are not told even that.
fn nothing_to_undo(context: &Context<'_>, visit: &Visit) -> Rejection {
    match context.actor() {
        Actor::Staff { departments, .. } if !departments.covers(visit.stage.department_id) => {
            crate::permissions::forbidden()
        }
        _ => refuse(
            RejectionCode::NothingToUndo,
            "the last change cannot be taken back",
        ),
    }
}

/// The same actor, wherever the visit went since, or an admin of one of the two departments.
fn ensure_own(context: &Context<'_>, visit: &Visit, record: &UndoRecord) -> Result<(), Rejection> {
    let own = context.actor().key() == record.actor;
    let admin = match context.actor() {
        Actor::Staff {
            role: Role::Admin,
            departments,
            ..
        } => {
            departments.covers(visit.stage.department_id)
                || departments.covers(record.stage.department_id)
        }
        _ => false,
    };
    if own || admin {
        Ok(())
    } else {
        Err(crate::permissions::forbidden())
    }
}
