//! Every state x every command x every role, against a table written from DOMAIN.md and DESIGN.md,
//! not from the code.

use crate::fixture::*;
use chrono::TimeDelta;
use medique_contracts::commands::*;
use medique_contracts::ids::{StaffId, VisitId};
use medique_contracts::vocabulary::{DoctorStatus, Role, StageState, TriagePolicy};
use medique_contracts::{Actor, Command, CommandKind, RejectionCode};
use medique_domain::model::{ClinicianLevel, HoldRecord, UndoRecord, Visit};

/// Command, who may give it, and every possible step as `from>to`. `ANY` steps do not depend on
/// the state of a visit; `@ROLE` limits a role to certain states.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("check_in", "RECEPTION NURSE ADMIN", "ANY"),
    ("scan", "link", "ANY"),
    ("check_in_by_link", "link", "ANY"),
    ("fill_intake", "patient RECEPTION ADMIN", "SCANNED>WAITING"),
    (
        "record_vitals",
        "NURSE DOCTOR",
        "WAITING>URGENT URGENT>URGENT CALLED>CALLED ON_HOLD>ON_HOLD IN_CONSULTATION>IN_CONSULTATION",
    ),
    (
        "set_acuity",
        "NURSE DOCTOR RECEPTION ADMIN",
        "WAITING>URGENT URGENT>URGENT CALLED>CALLED ON_HOLD>ON_HOLD IN_CONSULTATION>IN_CONSULTATION",
    ),
    (
        "record_advice",
        "triage",
        "WAITING>URGENT URGENT>URGENT CALLED>CALLED ON_HOLD>ON_HOLD IN_CONSULTATION>IN_CONSULTATION",
    ),
    (
        "call_next",
        "DOCTOR RECEPTION ADMIN",
        "WAITING>CALLED URGENT>CALLED",
    ),
    (
        "call",
        "DOCTOR RECEPTION ADMIN",
        "WAITING>CALLED URGENT>CALLED ON_HOLD>CALLED",
    ),
    ("recall", "DOCTOR RECEPTION ADMIN", "CALLED>CALLED"),
    ("unclaim", "DOCTOR RECEPTION ADMIN", "CALLED>WAITING"),
    (
        "start",
        "DOCTOR",
        "CALLED>IN_CONSULTATION WAITING>IN_CONSULTATION URGENT>IN_CONSULTATION",
    ),
    (
        "hold",
        "DOCTOR RECEPTION ADMIN patient@WAITING,URGENT",
        "WAITING>ON_HOLD URGENT>ON_HOLD IN_CONSULTATION>ON_HOLD",
    ),
    (
        "resume",
        "DOCTOR RECEPTION ADMIN patient",
        "ON_HOLD>WAITING",
    ),
    ("complete", "DOCTOR", "IN_CONSULTATION>COMPLETED"),
    ("no_show", "DOCTOR RECEPTION ADMIN system", "CALLED>NO_SHOW"),
    (
        "return",
        "DOCTOR RECEPTION ADMIN",
        "NO_SHOW>WAITING LEFT>WAITING EXPIRED>WAITING",
    ),
    (
        "transfer",
        "DOCTOR RECEPTION ADMIN",
        "WAITING>WAITING URGENT>URGENT CALLED>WAITING ON_HOLD>WAITING IN_CONSULTATION>WAITING",
    ),
    (
        "cancel",
        "RECEPTION ADMIN patient",
        "SCANNED>CANCELLED WAITING>CANCELLED URGENT>CANCELLED CALLED>CANCELLED ON_HOLD>CANCELLED",
    ),
    (
        "leave",
        "DOCTOR RECEPTION ADMIN patient",
        "WAITING>LEFT URGENT>LEFT CALLED>LEFT ON_HOLD>LEFT IN_CONSULTATION>LEFT",
    ),
    (
        "reassign",
        "RECEPTION ADMIN",
        "SCANNED>SCANNED WAITING>WAITING URGENT>URGENT CALLED>CALLED ON_HOLD>ON_HOLD",
    ),
    (
        "undo",
        "DOCTOR RECEPTION NURSE ADMIN patient",
        "SCANNED>WAITING WAITING>WAITING URGENT>URGENT CALLED>WAITING IN_CONSULTATION>WAITING \
         ON_HOLD>WAITING COMPLETED>WAITING NO_SHOW>WAITING CANCELLED>WAITING LEFT>WAITING \
         TRANSFERRED>WAITING EXPIRED>WAITING",
    ),
    (
        "erase",
        "ADMIN system",
        "COMPLETED>COMPLETED NO_SHOW>NO_SHOW CANCELLED>CANCELLED LEFT>LEFT EXPIRED>EXPIRED",
    ),
    ("expire_scan", "system", "SCANNED>EXPIRED"),
    ("set_doctor_availability", "DOCTOR ADMIN", "ANY"),
    ("create_department", "ADMIN", "ANY"),
    ("update_department", "ADMIN", "ANY"),
    ("create_room", "ADMIN", "ANY"),
    ("update_room", "ADMIN", "ANY"),
    ("close_day", "ADMIN system", "ANY"),
    ("switch_adviser", "ADMIN system", "ANY"),
];

fn payload(kind: CommandKind) -> Command {
    let doctor_id = Some(DOC);
    match kind {
        CommandKind::CheckIn => Command::CheckIn(CheckIn { intake: intake() }),
        CommandKind::Scan => Command::Scan(Scan { link: claims() }),
        CommandKind::CheckInByLink => Command::CheckInByLink(CheckInByLink {
            link: claims(),
            intake: intake(),
        }),
        CommandKind::FillIntake => Command::FillIntake(FillIntake { intake: intake() }),
        CommandKind::RecordVitals => vitals(bad_vitals()),
        CommandKind::SetAcuity => acuity(1),
        CommandKind::RecordAdvice => suggestion(1, 1),
        CommandKind::CallNext => Command::CallNext(CallNext {
            room_id: None,
            doctor_id,
        }),
        CommandKind::Call => Command::Call(Call {
            room_id: None,
            doctor_id,
            reason: Some("known".to_owned()),
        }),
        CommandKind::Recall => recall(),
        CommandKind::Unclaim => unclaim(),
        CommandKind::Start => start(),
        CommandKind::Hold => hold(),
        CommandKind::Resume => resume(),
        CommandKind::Complete => complete(),
        CommandKind::NoShow => no_show(),
        CommandKind::Return => come_back(None, None),
        CommandKind::Transfer => transfer(XR),
        CommandKind::Cancel => cancel(),
        CommandKind::Leave => leave(),
        CommandKind::Reassign => Command::Reassign(Reassign {
            doctor_id: Some(BOTH),
        }),
        CommandKind::Undo => undo(),
        CommandKind::Erase => erase(),
        CommandKind::ExpireScan => Command::ExpireScan(ExpireScan {}),
        CommandKind::SetDoctorAvailability => availability(DOC, DoctorStatus::Paused),
        CommandKind::CreateDepartment => Command::CreateDepartment(settings("NEW")),
        CommandKind::UpdateDepartment => Command::UpdateDepartment(UpdateDepartment {
            expected_version: Some(1),
            settings: settings("GM"),
        }),
        CommandKind::CreateRoom => Command::CreateRoom(room_settings("77")),
        CommandKind::UpdateRoom => Command::UpdateRoom(UpdateRoom {
            room_id: ROOM_1,
            expected_version: None,
            settings: room_settings("1"),
        }),
        CommandKind::CloseDay => close_day(false),
        CommandKind::SwitchAdviser => switch_adviser(false),
    }
}

fn room_settings(code: &str) -> RoomSettings {
    RoomSettings {
        code: code.to_owned(),
        name: "Room".to_owned(),
        open: true,
        capacity: 1,
    }
}

/// Puts the only visit of the hospital into `state`, so that every guard of every command that the
/// state allows is satisfied.
fn put(hospital: &mut Hospital, id: VisitId, state: StageState, actor: &Actor) {
    let now = hospital.now;
    let before = now - TimeDelta::seconds(90);
    let visit = hospital.world.visits.get_mut(&id).expect("the visit");
    let waiting = visit.stage.clone();
    if state == StageState::Scanned {
        (visit.intake, visit.token, visit.token_number) = (None, None, None);
        visit.token_department_id = None;
    }
    if state == StageState::Urgent {
        visit.level = 2;
        visit.clinician = Some(ClinicianLevel {
            level: 2,
            overrides_floor: false,
            ..ClinicianLevel::default()
        });
    }
    let stage = &mut visit.stage;
    stage.state = state;
    if matches!(
        state,
        StageState::Called
            | StageState::NoShow
            | StageState::InConsultation
            | StageState::Completed
    ) {
        (stage.doctor_id, stage.room_id) = (Some(DOC), Some(ROOM_1));
        (stage.called_at, stage.last_called_at) = (Some(before), Some(before));
        stage.recall_count = 1;
    }
    if matches!(state, StageState::InConsultation | StageState::Completed) {
        stage.started_at = Some(before);
    }
    if state == StageState::OnHold {
        let resume_to = StageState::Waiting;
        stage.hold = Some(HoldRecord {
            reason: "out".to_owned(),
            expected_back_at: None,
            resume_to,
        });
    }
    if !state.is_live() {
        stage.ended_at = Some(now);
    }
    visit.undo = Some(UndoRecord {
        actor: actor.key(),
        at: now,
        clinician: visit.clinician.clone(),
        stage: waiting,
    });
}

fn actors(id: VisitId) -> Vec<(String, Actor)> {
    let mut actors: Vec<(String, Actor)> = (Role::ALL.iter())
        .map(|role| (role.to_string(), staff(*role)))
        .collect();
    for (name, actor) in &mut actors {
        if name == "DOCTOR" {
            *actor = doctor_actor(DOC);
        }
    }
    actors.push(("patient".to_owned(), patient(id)));
    actors.push(("link".to_owned(), link()));
    actors.push(("system".to_owned(), system()));
    actors.push(("triage".to_owned(), adviser()));
    actors
}

/// What the tables say: the state afterwards, or the refusal.
fn expected(
    row: &(&str, &str, &str),
    who: &str,
    state: StageState,
) -> Result<Option<String>, RejectionCode> {
    let (kind, whos, steps) = row;
    let entry = whos
        .split(' ')
        .find(|entry| entry.split('@').next() == Some(who));
    let Some(entry) = entry else {
        return Err(RejectionCode::Forbidden);
    };
    if *steps == "ANY" {
        return Ok(None);
    }
    let impossible = match *kind {
        "call_next" => RejectionCode::NobodyWaiting,
        _ => RejectionCode::InvalidTransition,
    };
    if let Some((_, states)) = entry.split_once('@')
        && !states.split(',').any(|word| word == state.as_str())
    {
        return Err(impossible);
    }
    let step = steps.split_whitespace().find_map(|step| {
        step.split_once('>')
            .filter(|(from, _)| *from == state.as_str())
            .map(|(_, to)| to)
    });
    step.map(|to| Some(to.to_owned())).ok_or(impossible)
}

#[test]
fn the_table_has_a_row_for_every_command() {
    let rows: Vec<&str> = EXPECTED.iter().map(|row| row.0).collect();
    let kinds: Vec<&str> = CommandKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(rows, kinds);
}

#[test]
fn every_state_command_and_role() {
    let mut hospital = Hospital::new();
    hospital.policy(GM, TriagePolicy::RaiseOnly);
    let id = hospital.check_in();
    let base = (hospital.world.clone(), hospital.now);
    let mut seen = 0;
    for (row, kind) in EXPECTED.iter().zip(CommandKind::ALL) {
        for state in StageState::ALL {
            for (who, actor) in actors(id) {
                (hospital.world, hospital.now) = base.clone();
                put(&mut hospital, id, *state, &actor);
                let context = format!("{who} gives {kind} in {state}");
                let answer = answer(&mut hospital, id, &actor, *kind);
                assert_eq!(answer, expected(row, &who, *state), "{context}");
                seen += 1;
            }
        }
    }
    assert_eq!(
        seen,
        StageState::ALL.len() * CommandKind::ALL.len() * (Role::ALL.len() + 4)
    );
}

fn answer(
    hospital: &mut Hospital,
    id: VisitId,
    actor: &Actor,
    kind: CommandKind,
) -> Result<Option<String>, RejectionCode> {
    let on_visit = kind.acts_on_visit() || kind == CommandKind::CallNext;
    let named = kind.acts_on_visit().then_some(id);
    let message = hospital.message(actor.clone(), Some(GM), named, payload(kind));
    let decision = medique_domain::decide(&hospital.world, &message, hospital.now);
    let decision = decision.map_err(|rejection| rejection.code)?;
    Ok(decision
        .result
        .visit
        .filter(|_| on_visit)
        .map(|visit| visit.state.to_string()))
}

#[test]
fn grants_limit_every_role_to_its_departments() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    for kind in CommandKind::ALL {
        let who = EXPECTED
            .iter()
            .find(|row| row.0 == kind.as_str())
            .map_or("", |row| row.1);
        for role in Role::ALL.iter().filter(|role| who.contains(role.as_str())) {
            // About persons, not departments: the actor's own doctor, the actor's own step.
            if matches!(kind, CommandKind::Undo | CommandKind::SetDoctorAvailability) {
                continue;
            }
            let grants = medique_contracts::actor::Grants::Only(vec![XR]);
            let actor = Actor::Staff {
                id: StaffId(DOC.0),
                role: *role,
                departments: grants,
            };
            let answer = answer(&mut hospital, id, &actor, *kind);
            assert_eq!(answer, Err(RejectionCode::Forbidden), "{role} gives {kind}");
        }
    }
}

#[test]
fn a_patient_touches_the_own_visit_only() {
    let mut hospital = Hospital::new();
    let (own, other) = (hospital.check_in(), hospital.check_in());
    for kind in CommandKind::ALL.iter().filter(|kind| kind.acts_on_visit()) {
        let answer = answer(&mut hospital, other, &patient(own), *kind);
        assert_eq!(answer, Err(RejectionCode::Forbidden), "{kind}");
    }
}

#[test]
fn ids_of_another_facility_are_unknown() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let foreign = medique_contracts::ids::FacilityId(uuid::Uuid::from_u128(99));
    let mut facility = hospital.world.facilities[&FACILITY].clone();
    facility.id = foreign;
    hospital.world.facilities.insert(foreign, facility);
    let mut message = hospital.message(reception(), Some(GM), Some(id), cancel());
    message.context.facility_id = foreign;
    assert_eq!(hospital.give(&message), Err(RejectionCode::UnknownVisit));
    let check_in = Command::CheckIn(CheckIn { intake: intake() });
    let mut message = hospital.message(reception(), Some(GM), None, check_in);
    message.context.facility_id = foreign;
    assert_eq!(
        hospital.give(&message),
        Err(RejectionCode::UnknownDepartment)
    );
    let visit: Visit = hospital.visit(id);
    assert_eq!(visit.version, 1);
}
