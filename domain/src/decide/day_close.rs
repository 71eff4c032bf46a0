//! The sweep at the end of a service day. Never deletes, and never ends a consultation.

use super::context::Context;
use super::draft::Draft;
use super::{Change, Decision, Transition};
use crate::model::Visit;
use crate::transitions;
use medique_contracts::commands::CloseDay;
use medique_contracts::outcome::DayCloseReport;
use medique_contracts::vocabulary::StageState;
use medique_contracts::{CommandKind, CommandResult, EventData, EventType};

pub(super) fn close_day(context: &Context<'_>, payload: &CloseDay) -> Decision {
    let mut report = DayCloseReport {
        service_day: context.today(),
        dry_run: payload.dry_run,
        expired: Vec::new(),
        in_consultation: Vec::new(),
        left_to_staff: Vec::new(),
    };
    let mut transitions = Vec::new();
    for visit in context
        .world
        .visits
        .values()
        .filter(|visit| in_reach(context, visit))
    {
        if visit.stage.state == StageState::InConsultation {
            report.in_consultation.push(visit.id);
        } else if !context.is_system() || visit.level > 2 || visit.token.is_none() {
            report.expired.push(visit.id);
            transitions.push(expired(context, visit));
        } else {
            // Invariant 14: no timer removes a patient of level 1 or 2.
            report.left_to_staff.push(visit.id);
        }
    }
    if payload.dry_run {
        transitions.clear();
    } else {
        transitions.push(closed(&report));
    }
    let result = CommandResult {
        day_close: Some(report),
        ..CommandResult::default()
    };
    Decision {
        transitions,
        result,
    }
}

fn in_reach(context: &Context<'_>, visit: &Visit) -> bool {
    let department = context.world.departments.get(&visit.stage.department_id);
    let swept = transitions::target(visit.stage.state, CommandKind::CloseDay).is_some()
        || visit.stage.state == StageState::InConsultation;
    swept
        && visit.facility_id == context.facility.id
        && department.is_some_and(|department| !department.settings.exempt_from_day_close)
}

fn expired(context: &Context<'_>, visit: &Visit) -> Transition {
    let mut draft = Draft::of(context, visit).final_step();
    let stage = draft.stage();
    stage.inaccurate = stage.state != StageState::Scanned;
    stage.end(StageState::Expired, context.now);
    draft.done(EventType::VisitExpired)
}

fn closed(report: &DayCloseReport) -> Transition {
    let count = |list: &[_]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    Transition {
        event_type: EventType::DayClosed,
        department_id: None,
        facts: EventData::DayClosed {
            service_day: report.service_day,
            expired: count(&report.expired),
            in_consultation: count(&report.in_consultation),
        },
        change: Change::Nothing,
        audit_detail: None,
    }
}
