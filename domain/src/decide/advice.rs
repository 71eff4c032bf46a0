//! What the adviser says of a visit, and whether it is asked at all.

use super::context::{Context, refuse};
use super::draft::{Draft, queue_state};
use super::{AdviserSwitch, AuditDetail, Change, Decision, Transition, TriageFact};
use crate::advice::Advice;
use crate::model::{Adviser, ClinicianLevel, Visit};
use medique_contracts::commands::{RecordAdvice, SwitchAdviser};
use medique_contracts::vocabulary::TriagePolicy;
use medique_contracts::{CommandResult, EventData, EventType, Rejection, RejectionCode};

/// Records the advice. A suggestion may raise the level under `raise_only`, as long as no clinician
/// has decided; nothing that it says can lower it. Takes nobody's chance to take back their own
/// last step away.
pub(super) fn record_advice(
    context: &Context<'_>,
    visit: &Visit,
    payload: &RecordAdvice,
) -> Result<Decision, Rejection> {
    let policy = context.department_of(visit)?.settings.triage_policy;
    if !context.facility.adviser.enabled || policy == TriagePolicy::Off {
        let detail = "the adviser is switched off here";
        return Err(refuse(RejectionCode::AdviserOff, detail));
    }
    if payload.based_on != visit.findings_version {
        let detail = "the findings have changed since the adviser was asked";
        return Err(refuse(RejectionCode::StaleSuggestion, detail));
    }
    let mut draft = Draft::of(context, visit).keeping_undo(visit);
    draft.stage().tick(context.now);
    let after = draft.visit();
    let advice = Advice {
        version: after.version,
        based_on: payload.based_on,
        at: context.now,
        source: payload.source.clone(),
        result: payload.result.clone(),
    };
    let suggested = advice.suggestion().map(|suggestion| suggestion.level);
    after.advice = Some(advice);
    if let Some(suggested) = suggested
        && policy == TriagePolicy::RaiseOnly
        && suggested < context.default_level(visit)
    {
        after.raised = Some(visit.raised.map_or(suggested, |level| level.min(suggested)));
    }
    if let (Some(raised), false) = (after.raised, visit.is_assessed()) {
        after.level = after.level.min(raised);
        if after.stage.state.is_waiting() {
            after.stage.state = queue_state(after.level);
        }
    }
    draft.change().triage = Some(TriageFact::Advised {
        level_before: visit.level,
        policy,
        standing_level: (visit.clinician.as_ref())
            .filter(|clinician| !clinician.by_desk)
            .map(|clinician| clinician.level),
    });
    Ok(draft.done(EventType::VisitTriageAdvised).into())
}

/// What a level that somebody sets means for the adviser's record.
pub(super) fn decided(before: &Visit, clinician: &ClinicianLevel) -> TriageFact {
    let earlier = before.clinician.as_ref();
    let assessed = earlier.and_then(ClinicianLevel::assessed_version);
    // Only the first decision after an advice says what the clinician made of it.
    let answered = before.advice.as_ref().filter(|advice| {
        !clinician.by_desk && assessed.is_none_or(|version| version < advice.version)
    });
    TriageFact::Decided {
        level_before: before.level,
        clinician: clinician.clone(),
        answers: answered.map(|advice| advice.version),
        suggested_level: answered
            .and_then(Advice::suggestion)
            .map(|suggestion| suggestion.level),
    }
}

/// Switches the adviser, and says so even when it was that way already: the last word counts.
pub(super) fn switch_adviser(context: &Context<'_>, payload: &SwitchAdviser) -> Decision {
    let adviser = Adviser {
        enabled: payload.enabled,
        version: context.facility.adviser.version + 1,
    };
    let result = CommandResult {
        version: Some(adviser.version),
        ..CommandResult::default()
    };
    let switch = AdviserSwitch {
        facility_id: context.facility.id,
        adviser,
        at: context.now,
        by: context.actor().key(),
        reason: payload.reason.clone(),
    };
    let transition = Transition {
        event_type: EventType::AdviserSwitched,
        department_id: None,
        facts: EventData::Adviser {
            enabled: adviser.enabled,
            version: adviser.version,
        },
        change: Change::Adviser(switch),
        audit_detail: Some(AuditDetail {
            reason: Some(payload.reason.clone()),
            ..AuditDetail::default()
        }),
    };
    Decision {
        transitions: vec![transition],
        result,
    }
}
