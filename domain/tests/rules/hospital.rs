//! Departments, rooms, doctors, and the end of the day.

use crate::fixture::*;
use medique_contracts::RejectionCode::*;
use medique_contracts::actor::Grants;
use medique_contracts::commands::*;
use medique_contracts::ids::{DepartmentId, RoomId};
use medique_contracts::vocabulary::{DoctorStatus, Role, StageState};
use medique_contracts::{Command, EventData, EventType};

fn room(code: &str) -> RoomSettings {
    RoomSettings {
        code: code.to_owned(),
        name: "Room".to_owned(),
        open: true,
        capacity: 1,
    }
}

#[test]
fn codes_of_departments_are_unique_in_the_facility() {
    let mut hospital = Hospital::new();
    let taken = Command::CreateDepartment(settings("GM"));
    assert_eq!(hospital.at(admin(), None, taken), Err(AlreadyTaken));
    let new = Command::CreateDepartment(settings("EYE"));
    let message = hospital.message(admin(), None, None, new);
    let decision = hospital.give(&message).expect("a department");
    let id = DepartmentId(message.command_id.created());
    assert_eq!(decision.result.department_id, Some(id));
    assert_eq!(hospital.world.departments[&id].settings.code, "EYE");
    assert_eq!(hospital.give(&message), Err(AlreadyExists));
    let update = |expected_version, code: &str| {
        Command::UpdateDepartment(UpdateDepartment {
            expected_version,
            settings: settings(code),
        })
    };
    assert_eq!(
        hospital.at(admin(), Some(id), update(Some(2), "EYE")),
        Err(VersionConflict)
    );
    assert_eq!(
        hospital.at(admin(), Some(id), update(None, "GM")),
        Err(AlreadyTaken)
    );
    let decision = hospital
        .at(admin(), Some(id), update(Some(1), "EYE"))
        .expect("an update");
    assert_eq!(decision.result.version, Some(2));
    assert_eq!(
        decision.transitions[0].event_type,
        EventType::DepartmentChanged
    );
}

#[test]
fn codes_of_rooms_are_unique_in_the_department() {
    let mut hospital = Hospital::new();
    let create = |code: &str| Command::CreateRoom(room(code));
    assert_eq!(
        hospital.at(admin(), Some(GM), create("2")),
        Err(AlreadyTaken)
    );
    hospital
        .at(admin(), Some(XR), create("2"))
        .expect("a room elsewhere");
    let update = |room_id: RoomId, expected_version, code: &str| {
        Command::UpdateRoom(UpdateRoom {
            room_id,
            expected_version,
            settings: room(code),
        })
    };
    assert_eq!(
        hospital.at(admin(), Some(GM), update(TUBE, None, "3")),
        Err(UnknownRoom)
    );
    assert_eq!(
        hospital.at(admin(), Some(GM), update(ROOM_1, Some(7), "3")),
        Err(VersionConflict)
    );
    assert_eq!(
        hospital.at(admin(), Some(GM), update(ROOM_1, None, "2")),
        Err(AlreadyTaken)
    );
    let decision = hospital
        .at(admin(), Some(GM), update(ROOM_1, Some(1), "1"))
        .expect("an update");
    let facts = &decision.transitions[0].facts;
    assert_eq!(
        *facts,
        EventData::Room {
            room_id: ROOM_1,
            version: 2
        }
    );
}

#[test]
fn availability_is_set_by_that_doctor_or_an_admin() {
    let mut hospital = Hospital::new();
    let pause = availability(DOC, DoctorStatus::Paused);
    assert_eq!(
        hospital.at(doctor_actor(BOTH), None, pause.clone()),
        Err(Forbidden)
    );
    let elsewhere = staff_in(Role::Admin, Grants::Only(vec![XR]));
    assert_eq!(hospital.at(elsewhere, None, pause.clone()), Err(Forbidden));
    let nobody = availability(uuid::Uuid::from_u128(3).into(), DoctorStatus::Paused);
    assert_eq!(hospital.at(admin(), None, nobody), Err(UnknownDoctor));
    hospital
        .at(doctor_actor(DOC), None, pause)
        .expect("an own pause");
    let back = availability(DOC, DoctorStatus::Available);
    let decision = hospital
        .at(admin(), Some(GM), back)
        .expect("a change by an admin");
    let [step] = &decision.transitions[..] else {
        unreachable!("one step")
    };
    let status = DoctorStatus::Available;
    assert_eq!(
        step.facts,
        EventData::Doctor {
            doctor_id: DOC,
            status,
            version: 3
        }
    );
    assert_eq!(step.department_id, Some(GM));
}

#[test]
fn day_close_sweeps_what_is_left_and_reports_consultations() {
    let mut hospital = Hospital::new();
    let seen = hospital.in_consultation();
    let waiting = hospital.check_in();
    let scanned = hospital.scan();
    let held = hospital.check_in();
    hospital.on(reception(), held, hold()).expect("held");
    let called = hospital.check_in_at(XR, intake());
    hospital
        .on(doctor_actor(RAY), called, call(None))
        .expect("a call");
    let exempt = hospital.check_in_at(ER, intake());
    let done = hospital.check_in();
    hospital
        .on(reception(), done, cancel())
        .expect("a cancellation");
    hospital.now = instant("2026-03-11T04:30:00Z");
    let before = hospital.world.visits.clone();
    let dry = hospital
        .at(admin(), None, close_day(true))
        .expect("a dry run");
    assert!(dry.transitions.is_empty() && hospital.world.visits == before);
    let decision = hospital
        .at(system(), None, close_day(false))
        .expect("a day close");
    let report = decision.result.day_close.expect("a report");
    let mut swept = vec![waiting, scanned, held, called];
    swept.sort();
    assert_eq!(
        (report.expired.clone(), report.in_consultation),
        (swept, vec![seen])
    );
    assert_eq!(report.service_day.to_string(), "2026-03-11");
    assert_eq!(
        dry.result.day_close.map(|dry| dry.expired),
        Some(report.expired)
    );
    assert_eq!(decision.transitions.len(), 5);
    assert_eq!(decision.transitions[4].event_type, EventType::DayClosed);
    assert_eq!(hospital.state(exempt), StageState::Waiting);
    for (id, inaccurate) in [
        (waiting, true),
        (held, true),
        (called, true),
        (scanned, false),
    ] {
        let stage = hospital.visit(id).stage;
        assert_eq!(
            (stage.state, stage.inaccurate),
            (StageState::Expired, inaccurate)
        );
    }
    let again = hospital
        .at(admin(), None, close_day(false))
        .expect("a second close");
    assert_eq!(again.transitions.len(), 1, "nothing is left");
}

#[test]
fn an_unattended_close_leaves_the_urgent_to_people() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.on(nurse(), id, acuity(2)).expect("a level");
    let decision = hospital
        .at(system(), None, close_day(false))
        .expect("a day close");
    let report = decision.result.day_close.expect("a report");
    assert_eq!((report.expired.len(), report.left_to_staff), (0, vec![id]));
    hospital
        .at(admin(), None, close_day(false))
        .expect("a day close");
    assert_eq!(hospital.state(id), StageState::Expired);
}
