//! What must be loaded before a batch can be folded.

use crate::model::Visit;
use crate::validate;
use medique_contracts::commands::{Command, CommandMessage, Intake, LinkClaims};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId, RoomId, VisitId};
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, CommandKind};
use std::collections::{BTreeMap, BTreeSet};

/// How many patients a returning patient lets pass when nobody said a number.
pub const RETURN_AFTER_DEFAULT: u8 = 3;

/// The rows that a batch of commands reads or changes. The loader
///
/// 1. adds the needs of every message with [`needs`];
/// 2. loads the visits named, and adds what each brings with it with [`needs_of_visit`];
/// 3. loads everything else that is named here;
/// 4. loads, for every doctor and every room loaded, the visits that are called or in consultation
///    with it.
///
/// Messages name the department in which their visit is; a command that reads the queue, the
/// rooms or the tokens of another department than it names is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Facilities.
    pub facilities: BTreeSet<FacilityId>,
    /// Departments.
    pub departments: BTreeSet<DepartmentId>,
    /// Visits named by commands, without those that they create under the id that follows from
    /// their own: the loader knows which of these exist.
    pub visits: BTreeSet<VisitId>,
    /// Doctors, with the departments that they belong to.
    pub doctors: BTreeSet<DoctorId>,
    /// Rooms.
    pub rooms: BTreeSet<RoomId>,
    /// Departments of which every room is needed.
    pub rooms_of: BTreeSet<DepartmentId>,
    /// Departments whose queue order is read, and how many commands of the batch may take a
    /// patient from it or move one in it. The loader loads the first `n + 1` waiting visits of
    /// each (level, assigned doctor or pool), in the order front first, `queued_since`, id.
    pub queue_heads: BTreeMap<DepartmentId, u32>,
    /// Patients whose live visit, if there is one, is needed in [`crate::World::live_patients`].
    pub patient_keys: BTreeSet<(FacilityId, String)>,
    /// Links, and posters that tickets were drawn from: whether they were used, and whether they
    /// are revoked.
    pub links: BTreeSet<LinkId>,
    /// Departments that issue tokens: the counters of the service days of the batch's store times
    /// and of the visits named.
    pub tokens: BTreeSet<DepartmentId>,
    /// Facilities of which every live visit and every department are needed.
    pub sweeps: BTreeSet<FacilityId>,
    /// Codes of departments that must not be taken twice: the departments that have them.
    pub department_codes: BTreeSet<(FacilityId, String)>,
    moves: BTreeMap<DepartmentId, u32>,
}

impl Needs {
    fn moves_in(&mut self, department: DepartmentId, patients: u32) {
        let moves = self.moves.entry(department).or_default();
        *moves += patients;
        if let Some(heads) = self.queue_heads.get_mut(&department) {
            *heads = *moves;
        }
    }

    fn reads_order(&mut self, department: DepartmentId) {
        let moves = self.moves.get(&department).copied().unwrap_or_default();
        self.queue_heads.insert(department, moves);
    }

    fn intake(&mut self, message: &CommandMessage, intake: &Intake) {
        let facility = message.context.facility_id;
        self.tokens.extend(message.context.department_id);
        self.doctors.extend(intake.assigned_doctor_id);
        if let Ok(intake) = validate::intake(intake)
            && let Some(key) = validate::patient_key(&intake.patient)
        {
            self.patient_keys.insert((facility, key));
        }
    }

    fn link(&mut self, link: &LinkClaims) {
        self.doctors.extend(link.doctor_id);
        self.links.insert(link.link_id);
        self.links.extend(link.drawn_from);
    }

    fn calling(
        &mut self,
        department: Option<DepartmentId>,
        doctor: Option<DoctorId>,
        room: Option<RoomId>,
    ) {
        self.doctors.extend(doctor);
        self.rooms.extend(room);
        self.rooms_of.extend(department);
    }
}

/// Adds what `message` needs.
pub fn needs(message: &CommandMessage, into: &mut Needs) {
    let context = &message.context;
    let (facility, department) = (context.facility_id, context.department_id);
    let kind = message.command.kind();
    into.facilities.insert(facility);
    into.departments.extend(department);
    into.visits.extend(
        context
            .visit_id
            .filter(|id| !(kind.creates_visit() && id.0 == message.command_id.created())),
    );
    if let Actor::Staff {
        id,
        role: Role::Doctor,
        ..
    } = &context.actor
    {
        into.doctors.insert(DoctorId(id.0));
    }
    if let Some(department) = department
        && (kind.acts_on_visit() || kind == CommandKind::CallNext)
    {
        into.moves_in(department, 1);
    }
    match &message.command {
        Command::CheckIn(payload) => into.intake(message, &payload.intake),
        Command::FillIntake(payload) => into.intake(message, &payload.intake),
        Command::CheckInByLink(payload) => {
            into.link(&payload.link);
            into.intake(message, &payload.intake);
        }
        Command::Scan(payload) => into.link(&payload.link),
        Command::CallNext(payload) => {
            into.calling(department, payload.doctor_id, payload.room_id);
            department.into_iter().for_each(|id| into.reads_order(id));
        }
        Command::Call(payload) => {
            into.calling(department, payload.doctor_id, payload.room_id);
            department.into_iter().for_each(|id| into.reads_order(id));
        }
        Command::Start(payload) => into.calling(department, None, payload.room_id),
        Command::Return(payload) => department.into_iter().for_each(|id| {
            into.moves_in(id, u32::from(payload.after.unwrap_or(RETURN_AFTER_DEFAULT)));
            into.reads_order(id);
        }),
        Command::Transfer(payload) => {
            into.departments.insert(payload.department_id);
            into.doctors.extend(payload.assigned_doctor_id);
        }
        Command::Reassign(payload) => into.doctors.extend(payload.doctor_id),
        Command::SetDoctorAvailability(payload) => {
            into.doctors.insert(payload.doctor_id);
        }
        Command::CreateDepartment(settings) => {
            into.departments
                .insert(DepartmentId(message.command_id.created()));
            into.department_codes
                .insert((facility, settings.code.clone()));
        }
        Command::UpdateDepartment(payload) => {
            into.department_codes
                .insert((facility, payload.settings.code.clone()));
        }
        Command::CreateRoom(_) => {
            into.rooms.insert(RoomId(message.command_id.created()));
            into.rooms_of.extend(department);
        }
        Command::UpdateRoom(payload) => {
            into.rooms.insert(payload.room_id);
            into.rooms_of.extend(department);
        }
        Command::CloseDay(_) => {
            into.sweeps.insert(facility);
        }
        Command::RecordVitals(_)
        | Command::SetAcuity(_)
        | Command::RecordAdvice(_)
        | Command::SwitchAdviser(_)
        | Command::Recall(_)
        | Command::Unclaim(_)
        | Command::Hold(_)
        | Command::Resume(_)
        | Command::Complete(_)
        | Command::NoShow(_)
        | Command::Cancel(_)
        | Command::Leave(_)
        | Command::Undo(_)
        | Command::Erase(_)
        | Command::ExpireScan(_) => {}
    }
}

/// Adds what a visit that a command names brings with it: its departments, doctors and rooms now and before the
/// last transition, and its patient key (a visit that comes back must not become a second live
/// one).
pub fn needs_of_visit(visit: &Visit, into: &mut Needs) {
    let before = visit.undo.iter().map(|undo| &undo.stage);
    for stage in std::iter::once(&visit.stage).chain(before) {
        into.departments.insert(stage.department_id);
        into.doctors.extend(stage.doctor_id);
        into.doctors.extend(stage.assigned_doctor_id);
        into.rooms.extend(stage.room_id);
    }
    into.departments.extend(visit.token_department_id);
    into.patient_keys.extend(
        visit
            .patient_key
            .clone()
            .map(|key| (visit.facility_id, key)),
    );
}
