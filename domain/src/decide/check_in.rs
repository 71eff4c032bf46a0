//! How a visit begins: at the desk, by link in one step, or by a scan that is confirmed later.

use super::Decision;
use super::context::{Context, refuse};
use super::draft::{Draft, Opening, queue_state};
use crate::model::{Department, IntakeRecord, Visit};
use crate::service_day::token_text;
use crate::triage;
use crate::validate::{self, FieldError};
use chrono::NaiveDate;
use medique_contracts::commands::{CheckInByLink, FillIntake, Intake, LinkClaims, Patient, Scan};
use medique_contracts::ids::{DoctorId, LinkId, VisitId};
use medique_contracts::limits::AGE_YEARS_MAX;
use medique_contracts::vocabulary::StageState;
use medique_contracts::{Actor, EventType, Rejection, RejectionCode};

pub(super) fn check_in(context: &Context<'_>, intake: &Intake) -> Result<Decision, Rejection> {
    let department = open_department(context)?;
    let draft = Draft::first(blank(context, department)?);
    admit(context, draft, department, intake, None)
}

pub(super) fn scan(context: &Context<'_>, payload: &Scan) -> Result<Decision, Rejection> {
    let department = open_department(context)?;
    let mut draft = Draft::first(blank(context, department)?);
    use_link(context, &mut draft, department, &payload.link)?;
    Ok(draft.done(EventType::VisitScanned).into())
}

pub(super) fn by_link(
    context: &Context<'_>,
    payload: &CheckInByLink,
) -> Result<Decision, Rejection> {
    let department = open_department(context)?;
    let mut draft = Draft::first(blank(context, department)?);
    use_link(context, &mut draft, department, &payload.link)?;
    admit(
        context,
        draft,
        department,
        &payload.intake,
        payload.link.doctor_id,
    )
}

pub(super) fn fill_intake(
    context: &Context<'_>,
    visit: &Visit,
    payload: &FillIntake,
) -> Result<Decision, Rejection> {
    let department = context.addressed_department(visit)?;
    ensure_open(department)?;
    let by_link = visit.stage.assigned_doctor_id;
    let draft = Draft::of(context, visit).final_step();
    admit(context, draft, department, &payload.intake, by_link)
}

fn open_department<'a>(context: &Context<'a>) -> Result<&'a Department, Rejection> {
    let department = context.own_department()?;
    ensure_open(department)?;
    Ok(department)
}

fn ensure_open(department: &Department) -> Result<(), Rejection> {
    if department.settings.open {
        Ok(())
    } else {
        Err(refuse(
            RejectionCode::DepartmentClosed,
            "the department takes no patients now",
        ))
    }
}

/// A visit of which nothing is known but where and when it began.
fn blank(context: &Context<'_>, department: &Department) -> Result<Visit, Rejection> {
    let message = context.message;
    let id = message
        .context
        .visit_id
        .unwrap_or(VisitId(message.command_id.created()));
    if context.world.visits.contains_key(&id) {
        return Err(refuse(
            RejectionCode::AlreadyExists,
            "the visit exists already",
        ));
    }
    let floor = context.floor(None, None, context.today())?;
    let level = triage::effective_level(&floor, None, department.settings.default_level);
    let opening = Opening {
        ordinal: 1,
        department_id: department.id,
        state: StageState::Scanned,
        assigned_doctor_id: None,
        front: false,
        queued_since: context.now,
        entered_at: context.now,
    };
    Ok(Visit {
        id,
        facility_id: context.facility.id,
        version: 1,
        intake: None,
        patient_key: None,
        token_number: None,
        token: None,
        token_department_id: None,
        service_day: context.today(),
        arrived_at: context.now,
        vitals: None,
        floor,
        clinician: None,
        findings_version: 0,
        advice: None,
        raised: None,
        level,
        stage: opening.stage(),
        last_ordinal: 1,
        erased: false,
        undo: None,
    })
}

fn use_link(
    context: &Context<'_>,
    draft: &mut Draft,
    department: &Department,
    link: &LinkClaims,
) -> Result<(), Rejection> {
    if !matches!(context.actor(), Actor::Link { id, .. } if *id == link.link_id) {
        return Err(crate::permissions::forbidden());
    }
    if link.expires_at <= context.now {
        return Err(refuse(RejectionCode::LinkExpired, "the link has expired"));
    }
    let is_revoked = |id: LinkId| {
        let revoked_at = context.world.revoked_links.get(&id);
        revoked_at.is_some_and(|at| *at <= context.now)
    };
    if is_revoked(link.link_id) || link.drawn_from.is_some_and(is_revoked) {
        return Err(refuse(RejectionCode::LinkRevoked, "the link was revoked"));
    }
    if link.single_use {
        if context.world.used_links.contains_key(&link.link_id) {
            return Err(refuse(
                RejectionCode::LinkAlreadyUsed,
                "the link was used before",
            ));
        }
        draft.change().link_used = Some(link.link_id);
    }
    if let Some(doctor) = link.doctor_id {
        context.doctor_in(doctor, department.id)?;
        draft.stage().assigned_doctor_id = Some(doctor);
    }
    Ok(())
}

/// Fills in who and why, takes a token, and joins the queue.
fn admit(
    context: &Context<'_>,
    mut draft: Draft,
    department: &Department,
    intake: &Intake,
    doctor_of_link: Option<DoctorId>,
) -> Result<Decision, Rejection> {
    let day = draft.visit().service_day;
    let by_staff = context.role().is_some();
    let record = IntakeRecord {
        patient: intake.patient.clone(),
        complaint: intake.complaint.clone(),
        symptoms: intake.symptoms.clone(),
        answers: intake.answers.clone(),
        arrival_mode: intake.arrival_mode,
    };
    let floor = context.floor(Some(&record), intake.vitals.as_ref(), day)?;
    if !by_staff && intake.vitals.is_some() {
        return Err(field("/vitals", "can be recorded by staff only"));
    }
    let assigned = doctor_of_link.or(intake.assigned_doctor_id);
    if let Some(doctor) = assigned {
        context.doctor_in(doctor, department.id)?;
    }
    let number = context
        .world
        .tokens
        .get(&(department.id, day))
        .copied()
        .unwrap_or(0)
        + 1;
    let visit = draft.visit();
    if !(by_staff && intake.allow_duplicate) {
        visit.patient_key = validate::patient_key(&intake.patient);
        context.only_live_visit(visit)?;
    }
    visit.vitals = intake.vitals.clone();
    visit.floor = floor;
    visit.intake = Some(record);
    visit.findings_version = visit.version;
    visit.token_number = Some(number);
    visit.token = Some(token_text(&department.settings.code, number));
    visit.token_department_id = Some(department.id);
    let stage = &mut visit.stage;
    stage.queued_since = stage.tick(context.now);
    stage.assigned_doctor_id = assigned;
    stage.state = queue_state(visit.level);
    let change = draft.change();
    change.token_taken = Some((department.id, day, number));
    change.vitals = intake.vitals.clone();
    draft.relabel(context);
    Ok(draft.done(EventType::VisitCheckedIn).into())
}

/// Age in completed years on `day`; the date of birth goes before a stated age.
pub(super) fn age(patient: &Patient, day: NaiveDate) -> Result<Option<u16>, Rejection> {
    let Some(born) = patient.birth_date else {
        return Ok(patient.age_years);
    };
    // A birth today may carry tomorrow's date elsewhere, or come before the cut-over hour.
    let tomorrow = day.succ_opt().unwrap_or(day);
    if born > tomorrow {
        return Err(field("/patient/birth_date", "is in the future"));
    }
    let years = day.years_since(born).unwrap_or(0);
    match u16::try_from(years) {
        Ok(years) if years <= AGE_YEARS_MAX => Ok(Some(years)),
        _ => Err(field("/patient/birth_date", "is too long ago")),
    }
}

fn field(pointer: &str, detail: &str) -> Rejection {
    validate::rejection(&[FieldError {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
    }])
}
