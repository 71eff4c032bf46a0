//! The fold: one command against the world gives a [`Decision`] or a refusal.

mod acuity;
mod admin;
mod advice;
mod apply;
mod call;
mod check_in;
mod consult;
mod context;
mod day_close;
mod draft;
mod erase;
mod hold;
mod leave;
mod needs;
mod place;
mod transfer;
mod undo;

pub use call::RECALL_GAP;
pub use undo::UNDO_WINDOW;

pub use needs::{Needs, RETURN_AFTER_DEFAULT, needs, needs_of_visit};

use crate::model::{Adviser, ClinicianLevel, Department, Doctor, Room, Stage, Visit};
use crate::world::World;
use crate::{permissions, transitions, validate};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use context::{Context, refuse};
use medique_contracts::commands::{Command, Patient, Vitals};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId, RoomId};
use medique_contracts::vocabulary::TriagePolicy;
use medique_contracts::{
    CommandMessage, CommandResult, EventData, EventType, Rejection, RejectionCode,
};

/// Age in completed years on `day`; none when it is not known, or cannot be.
pub fn age_in_years(patient: &Patient, day: NaiveDate) -> Option<u16> {
    check_in::age(patient, day).ok().flatten()
}

/// What a command does: zero or more transitions, in order, and the answer for the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// One version step, one audit row and one event each.
    pub transitions: Vec<Transition>,
    /// The answer.
    pub result: CommandResult,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// What the event is called.
    pub event_type: EventType,
    /// Department on whose subject the event is published.
    pub department_id: Option<DepartmentId>,
    /// The facts that the event carries.
    pub facts: EventData,
    /// What changes in the world.
    pub change: Change,
    /// What the audit trail keeps beside the facts (reason, previous state); may be personal.
    pub audit_detail: Option<AuditDetail>,
}

/// The new state of whatever a transition changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A visit, possibly with a stage that was closed on the way and other things to record.
    Visit(Box<VisitChange>),
    /// A doctor.
    Doctor(Doctor),
    /// A department.
    Department(Department),
    /// A room.
    Room(Room),
    /// The switch of the adviser.
    Adviser(AdviserSwitch),
    /// Nothing but the fact itself (day closed).
    Nothing,
}

/// The adviser was switched off or on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdviserSwitch {
    /// Where.
    pub facility_id: FacilityId,
    /// The new state.
    pub adviser: Adviser,
    /// When.
    pub at: DateTime<Utc>,
    /// Who ([`medique_contracts::Actor::key`]).
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What a step leaves to the statistics of triage, beside what stands in the visit.
#[derive(Debug, Clone, PartialEq)]
pub enum TriageFact {
    /// The visit has a new advice.
    Advised {
        /// Effective level before.
        level_before: u8,
        /// What the department does with the adviser.
        policy: TriagePolicy,
        /// The clinician's level that stood already: chosen without this advice.
        standing_level: Option<u8>,
    },
    /// Somebody set a level.
    Decided {
        /// Effective level before.
        level_before: u8,
        /// The level.
        clinician: ClinicianLevel,
        /// Version of the visit that recorded the advice to which this is the first answer of a
        /// clinician.
        answers: Option<i64>,
        /// What was suggested there.
        suggested_level: Option<u8>,
    },
    /// The level that this version of the visit had set was taken back.
    TakenBack {
        /// Which.
        version: i64,
    },
}

/// New state of a visit and what else is to be recorded with it.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitChange {
    /// The visit after the transition.
    pub visit: Visit,
    /// Older stages of the visit whose rows change too (a transfer closes one; its undoing closes
    /// the newer and reopens the older, which is then `visit.stage`).
    pub other_stages: Vec<Stage>,
    /// The token that was taken.
    pub token_taken: Option<(DepartmentId, NaiveDate, i32)>,
    /// The single-use link that was used up.
    pub link_used: Option<LinkId>,
    /// Vital signs to keep.
    pub vitals: Option<Vitals>,
    /// Notes and prescription to keep.
    pub notes: Option<Notes>,
    /// The room that the doctor called to, to be offered next time.
    pub doctor_last_room: Option<(DoctorId, RoomId)>,
    /// What statistics of triage keep.
    pub triage: Option<TriageFact>,
}

/// What a doctor wrote at the end. Personal data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notes {
    /// Consultation notes.
    pub notes: Option<String>,
    /// Prescription.
    pub prescription: Option<String>,
}

/// What the audit trail keeps beside the facts.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct AuditDetail {
    /// State before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_state: Option<medique_contracts::vocabulary::StageState>,
    /// Level before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_level: Option<u8>,
    /// Reason given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A clinician set a level less urgent than the floor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub floor_overridden: bool,
}

/// Decides what `message`, stored by the broker at `now`, does to `world`. Changes nothing.
///
/// # Errors
/// The rule that refuses the command.
pub fn decide(
    world: &World,
    message: &CommandMessage,
    now: DateTime<Utc>,
) -> Result<Decision, Rejection> {
    // The precision of the database: what is folded in memory equals what is loaded later.
    let now = now.trunc_subsecs(6);
    let asked = &message.context;
    if asked.not_after < now {
        return Err(refuse(
            RejectionCode::Expired,
            "the command surfaced too late to be acted on",
        ));
    }
    let command = validate::command(&message.command).map_err(|e| validate::rejection(&e))?;
    let kind = command.kind();
    // Roles and persons first, so that nobody can probe for ids without a right to ask.
    permissions::check(&asked.actor, kind, None, asked.visit_id)?;
    let facility = (world.facilities.get(&asked.facility_id))
        .ok_or_else(|| refuse(RejectionCode::UnknownDepartment, "no such facility"))?;
    let context = Context {
        world,
        message,
        facility,
        now,
    };
    if kind.acts_on_visit() {
        on_visit(&context, &command)
    } else {
        elsewhere(&context, &command)
    }
}

/// Commands on a visit that exists: the table first, then the guards of the command.
fn on_visit(context: &Context<'_>, command: &Command) -> Result<Decision, Rejection> {
    let visit = context.visit()?;
    if visit.erased {
        let detail = "the person of this visit was erased";
        return Err(refuse(RejectionCode::InvalidTransition, detail));
    }
    let from = visit.stage.state;
    if transitions::target(from, command.kind()).is_none() {
        let detail = format!("{} is not possible in state {from}", command.kind());
        return Err(Rejection::new(RejectionCode::InvalidTransition, detail));
    }
    match command {
        Command::FillIntake(payload) => check_in::fill_intake(context, visit, payload),
        Command::RecordVitals(payload) => acuity::record_vitals(context, visit, payload),
        Command::SetAcuity(payload) => acuity::set_acuity(context, visit, payload),
        Command::RecordAdvice(payload) => advice::record_advice(context, visit, payload),
        Command::Call(payload) => call::call(context, visit, payload),
        Command::Recall(_) => call::recall(context, visit),
        Command::Unclaim(payload) => Ok(call::unclaim(context, visit, payload)),
        Command::Start(payload) => consult::start(context, visit, payload),
        Command::Hold(payload) => hold::hold(context, visit, payload),
        Command::Resume(_) => hold::resume(context, visit),
        Command::Complete(payload) => consult::complete(context, visit, payload),
        Command::NoShow(payload) => consult::no_show(context, visit, payload),
        Command::Return(payload) => leave::come_back(context, visit, payload),
        Command::Transfer(payload) => transfer::transfer(context, visit, payload),
        Command::Cancel(payload) => leave::cancel(context, visit, payload),
        Command::Leave(payload) => Ok(leave::leave(context, visit, payload)),
        Command::Reassign(payload) => transfer::reassign(context, visit, payload),
        Command::Undo(_) => undo::undo(context, visit),
        Command::Erase(payload) => Ok(erase::erase(context, visit, payload)),
        Command::ExpireScan(_) => Ok(leave::expire_scan(context, visit)),
        _ => Err(impossible()),
    }
}

/// Commands that create a visit, pick one, or concern no single visit.
fn elsewhere(context: &Context<'_>, command: &Command) -> Result<Decision, Rejection> {
    match command {
        Command::CheckIn(payload) => check_in::check_in(context, &payload.intake),
        Command::Scan(payload) => check_in::scan(context, payload),
        Command::CheckInByLink(payload) => check_in::by_link(context, payload),
        Command::CallNext(payload) => call::call_next(context, payload),
        Command::SetDoctorAvailability(payload) => admin::set_availability(context, payload),
        Command::CreateDepartment(settings) => admin::create_department(context, settings),
        Command::UpdateDepartment(payload) => admin::update_department(context, payload),
        Command::CreateRoom(settings) => admin::create_room(context, settings),
        Command::UpdateRoom(payload) => admin::update_room(context, payload),
        Command::CloseDay(payload) => Ok(day_close::close_day(context, payload)),
        Command::SwitchAdviser(payload) => Ok(advice::switch_adviser(context, payload)),
        _ => Err(impossible()),
    }
}

/// For combinations that the types allow and the callers do not make.
fn impossible() -> Rejection {
    refuse(
        RejectionCode::InvalidTransition,
        "the command cannot be decided here",
    )
}
