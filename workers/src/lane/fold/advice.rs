//! What statistics of triage keep: what the adviser said, and which levels people set.

use super::Fold;
use crate::lane::batch::Item;
use crate::lane::plan::{AdviceRow, DecisionRow};
use medique_contracts::{Command, CommandMessage, RejectionCode};
use medique_domain::decide::{Change, Transition, TriageFact, VisitChange};

impl Fold {
    pub(super) fn collect_triage(
        &mut self,
        item: &Item,
        message: &CommandMessage,
        transition: &Transition,
    ) {
        let Change::Visit(change) = &transition.change else {
            return;
        };
        match &change.triage {
            None => {}
            Some(TriageFact::TakenBack { version }) => {
                self.plan.taken_back.push((change.visit.id, *version));
            }
            Some(fact) => self.collect_fact(item, message, change, fact),
        }
    }

    fn collect_fact(
        &mut self,
        item: &Item,
        message: &CommandMessage,
        change: &VisitChange,
        fact: &TriageFact,
    ) {
        let visit = &change.visit;
        match (fact, &message.command) {
            (
                TriageFact::Advised {
                    level_before,
                    policy,
                    standing_level,
                },
                Command::RecordAdvice(advice),
            ) => self.plan.advice.push(AdviceRow {
                command_id: message.command_id,
                visit_id: visit.id,
                facility_id: visit.facility_id,
                department_id: visit.stage.department_id,
                at: item.stored_at(),
                advice: advice.clone(),
                refused: None,
                version: Some(visit.version),
                policy: Some(*policy),
                floor_level: visit.floor.level,
                level_before: *level_before,
                level_after: visit.level,
                standing_level: *standing_level,
            }),
            (
                TriageFact::Decided {
                    level_before,
                    clinician,
                    answers,
                    suggested_level,
                },
                _,
            ) => self.plan.decisions.push(DecisionRow {
                visit_id: visit.id,
                version: visit.version,
                facility_id: visit.facility_id,
                department_id: visit.stage.department_id,
                at: item.stored_at(),
                actor: message.context.actor.key(),
                clinician: clinician.clone(),
                floor_level: visit.floor.level,
                level_before: *level_before,
                level_after: visit.level,
                answers: *answers,
                suggested_level: *suggested_level,
            }),
            _ => {}
        }
    }

    /// An answer that came too late, or to nobody who wants it, is counted all the same. One by
    /// somebody who may not give it, or of no known shape, is not the adviser's.
    pub(super) fn refused_advice(
        &mut self,
        item: &Item,
        message: &CommandMessage,
        code: RejectionCode,
    ) {
        let counts = matches!(
            code,
            RejectionCode::StaleSuggestion
                | RejectionCode::AdviserOff
                | RejectionCode::InvalidTransition
        );
        let (true, Command::RecordAdvice(advice)) = (counts, &message.command) else {
            return;
        };
        let visit = (message.context.visit_id).and_then(|id| self.loaded.world.visits.get(&id));
        let Some(visit) = visit else { return };
        self.plan.advice.push(AdviceRow {
            command_id: message.command_id,
            visit_id: visit.id,
            facility_id: visit.facility_id,
            department_id: visit.stage.department_id,
            at: item.stored_at(),
            advice: advice.clone(),
            refused: Some(code),
            version: None,
            policy: None,
            floor_level: visit.floor.level,
            level_before: visit.level,
            level_after: visit.level,
            standing_level: None,
        });
    }
}
