//! How a person is erased: what identifies the person goes, what statistics need stays.

use super::Decision;
use super::context::Context;
use super::draft::Draft;
use crate::model::Visit;
use medique_contracts::EventType;
use medique_contracts::commands::Erase;

/// The worker destroys the visit's data key with this step, which makes unreadable what the audit
/// trail and the notes hold. State, times, levels and measurements stay.
pub(super) fn erase(context: &Context<'_>, visit: &Visit, payload: &Erase) -> Decision {
    let mut draft = Draft::of(context, visit).final_step();
    let visit = draft.visit();
    visit.intake = None;
    visit.advice = None;
    visit.patient_key = None;
    visit.erased = true;
    visit.stage.hold = None;
    draft
        .because(payload.reason.as_deref())
        .done(EventType::PersonErased)
        .into()
}
