//! Vital signs and the clinician's level.

use super::context::{Context, refuse};
use super::draft::Draft;
use super::{Decision, advice};
use crate::model::{ClinicianLevel, Floor, Visit};
use crate::triage;
use medique_contracts::commands::{RecordVitals, SetAcuity};
use medique_contracts::vocabulary::Role;
use medique_contracts::{EventType, Rejection, RejectionCode};

/// New signs bring the floor up to date, up or down. Cannot be undone: what was measured was
/// measured.
pub(super) fn record_vitals(
    context: &Context<'_>,
    visit: &Visit,
    payload: &RecordVitals,
) -> Result<Decision, Rejection> {
    let mut draft = Draft::of(context, visit).final_step();
    draft.stage().tick(context.now);
    draft.change().vitals = Some(payload.vitals.clone());
    let merged = triage::merge_vitals(visit.vitals.as_ref(), &payload.vitals);
    let floor = context.floor(visit.intake.as_ref(), Some(&merged), visit.service_day)?;
    let after = draft.visit();
    after.clinician = visit
        .clinician
        .as_ref()
        .map(|clinician| reconsidered(clinician, &visit.floor, &floor));
    after.floor = floor;
    after.vitals = Some(merged);
    after.findings_version = after.version;
    draft.relabel(context);
    Ok(draft.done(EventType::VisitVitalsRecorded).into())
}

/// An override was a judgement on the findings of its time: findings that are worse end it, and
/// findings that no longer contradict it make it an ordinary level.
fn reconsidered(clinician: &ClinicianLevel, before: &Floor, now: &Floor) -> ClinicianLevel {
    let holds = now.level >= before.level && clinician.level > now.level;
    ClinicianLevel {
        overrides_floor: clinician.overrides_floor && holds,
        ..clinician.clone()
    }
}

pub(super) fn set_acuity(
    context: &Context<'_>,
    visit: &Visit,
    payload: &SetAcuity,
) -> Result<Decision, Rejection> {
    let clinician = matches!(context.role(), Some(Role::Nurse | Role::Doctor));
    if !clinician && payload.level >= visit.level {
        let detail = "only a clinician may keep or lower the urgency";
        return Err(refuse(RejectionCode::RaiseOnly, detail));
    }
    let overrides_floor = payload.level > visit.floor.level;
    if overrides_floor && (!payload.override_floor || payload.reason.is_empty()) {
        let detail = "less urgent than the safety floor; override it with a reason";
        return Err(refuse(RejectionCode::BelowFloor, detail));
    }
    if payload.level > visit.level && payload.reason.is_empty() {
        let detail = "give a reason for lowering the urgency";
        return Err(refuse(RejectionCode::ReasonRequired, detail));
    }
    let mut draft = Draft::of(context, visit);
    draft.stage().tick(context.now);
    let assessed_before = visit.clinician.as_ref();
    let assessed_before = assessed_before.and_then(ClinicianLevel::assessed_version);
    let set = ClinicianLevel {
        level: payload.level,
        overrides_floor,
        version: visit.version + 1,
        by_desk: !clinician,
        assessed_before: assessed_before.filter(|_| !clinician),
    };
    draft.change().triage = Some(advice::decided(visit, &set));
    draft.visit().clinician = Some(set);
    draft.relabel(context);
    let draft = draft
        .because(Some(&payload.reason))
        .overriding_floor(overrides_floor);
    Ok(draft.done(EventType::VisitAcuitySet).into())
}
