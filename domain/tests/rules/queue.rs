//! Who is called, to where, and who comes back to which place.

use crate::fixture::*;
use medique_contracts::Command;
use medique_contracts::RejectionCode::*;
use medique_contracts::commands::*;
use medique_contracts::ids::{DoctorId, RoomId};
use medique_contracts::vocabulary::{DoctorStatus, ReturnPlace, Role, StageState};

fn next(room_id: Option<RoomId>, doctor_id: Option<DoctorId>) -> Command {
    Command::CallNext(CallNext { room_id, doctor_id })
}

fn room_of(hospital: &mut Hospital, doctor: DoctorId) -> Option<RoomId> {
    hospital.check_in();
    let called = hospital.call_next(doctor).expect("a call");
    hospital.visit(called).stage.room_id
}

#[test]
fn call_next_follows_credit_and_level_1() {
    let mut hospital = Hospital::new();
    let old = hospital.check_in();
    let urgent = hospital.later(3600).check_in();
    hospital.on(nurse(), urgent, acuity(2)).expect("a level");
    let now = hospital.later(60).check_in();
    hospital.on(nurse(), now, acuity(1)).expect("a level");
    assert_eq!(hospital.call_next(BOTH), Ok(now), "level 1 before all");
    assert_eq!(
        hospital.call_next(BOTH),
        Ok(old),
        "60 of 120 minutes before 1 of 10"
    );
    assert_eq!(hospital.call_next(DOC), Ok(urgent));
    assert_eq!(hospital.call_next(RAY), Err(UnknownDoctor));
}

#[test]
fn patients_of_one_doctor_are_not_offered_to_another() {
    let mut hospital = Hospital::new();
    let own = Intake {
        assigned_doctor_id: Some(DOC),
        ..intake()
    };
    let own = hospital.check_in_at(GM, own);
    let pool = hospital.later(60).check_in();
    assert_eq!(hospital.call_next(BOTH), Ok(pool));
    assert_eq!(hospital.call_next(BOTH), Err(NobodyWaiting));
    assert_eq!(hospital.call_next(DOC), Ok(own));
}

#[test]
fn others_call_for_a_doctor_and_a_doctor_for_himself() {
    let mut hospital = Hospital::new();
    hospital.check_in();
    for role in [Role::Reception, Role::Admin] {
        assert_eq!(
            hospital.at(staff(role), Some(GM), next(None, None)),
            Err(DoctorRequired)
        );
        let named = next(None, Some(RAY));
        assert_eq!(
            hospital.at(staff(role), Some(GM), named),
            Err(UnknownDoctor)
        );
    }
    let for_other = next(None, Some(BOTH));
    assert_eq!(
        hospital.at(doctor_actor(DOC), Some(GM), for_other),
        Err(Forbidden)
    );
    hospital
        .at(reception(), Some(GM), next(None, Some(DOC)))
        .expect("a call");
}

#[test]
fn a_doctor_calls_up_to_the_capacity_and_only_when_available() {
    let mut hospital = Hospital::new();
    for _ in 0..4 {
        hospital.check_in();
    }
    hospital.call_next(DOC).expect("a call");
    assert_eq!(hospital.call_next(DOC), Err(DoctorBusy));
    let first = hospital.call_next(BOTH).expect("a call");
    let second = hospital.call_next(BOTH).expect("a call");
    assert_eq!(hospital.call_next(BOTH), Err(DoctorBusy));
    let slots = [first, second].map(|id| hospital.visit(id).stage.doctor_slot);
    assert_eq!(slots, [0, 1]);
    hospital
        .on(doctor_actor(BOTH), first, unclaim())
        .expect("unclaimed");
    let again = hospital.call_next(BOTH).expect("a call");
    assert_eq!(
        hospital.visit(again).stage.doctor_slot,
        0,
        "the lowest free place"
    );
    for status in [DoctorStatus::Paused, DoctorStatus::Offline] {
        hospital
            .at(doctor_actor(DOC), None, availability(DOC, status))
            .expect("a change");
        assert_eq!(hospital.call_next(DOC), Err(DoctorNotAvailable));
    }
}

#[test]
fn the_room_asked_for_the_last_one_or_the_first_free_one() {
    let mut hospital = Hospital::new();
    hospital.check_in();
    let to = |room| next(Some(room), None);
    assert_eq!(
        hospital.at(doctor_actor(DOC), Some(GM), to(TUBE)),
        Err(UnknownRoom)
    );
    let nowhere = RoomId(uuid::Uuid::from_u128(5));
    assert_eq!(
        hospital.at(doctor_actor(DOC), Some(GM), to(nowhere)),
        Err(UnknownRoom)
    );
    hospital
        .at(doctor_actor(DOC), Some(GM), to(ROOM_2))
        .expect("a call");
    assert_eq!(
        room_of(&mut hospital, BOTH),
        Some(ROOM_1),
        "the first free one by code"
    );
    hospital.check_in();
    assert_eq!(
        hospital.at(doctor_actor(BOTH), Some(GM), to(ROOM_2)),
        Err(RoomBusy)
    );
    assert_eq!(
        hospital
            .call_next(BOTH)
            .map(|id| hospital.visit(id).stage.room_id),
        Ok(Some(WARD))
    );
    let id = hospital
        .world
        .with_doctor(DOC, uuid::Uuid::nil().into())
        .next()
        .expect("called")
        .id;
    hospital
        .on(doctor_actor(DOC), id, unclaim())
        .expect("unclaimed");
    assert_eq!(room_of(&mut hospital, DOC), Some(ROOM_2), "the last one");
}

#[test]
fn closed_rooms_and_full_ones_are_not_offered() {
    let mut hospital = Hospital::new();
    for room in [ROOM_1, ROOM_2] {
        hospital
            .world
            .rooms
            .get_mut(&room)
            .expect("a room")
            .settings
            .open = false;
    }
    hospital
        .world
        .doctors
        .get_mut(&BOTH)
        .expect("a doctor")
        .capacity = 5;
    hospital.check_in();
    let closed = hospital.at(doctor_actor(BOTH), Some(GM), next(Some(ROOM_1), None));
    assert_eq!(closed, Err(RoomBusy));
    assert_eq!(room_of(&mut hospital, BOTH), Some(WARD));
    assert_eq!(room_of(&mut hospital, BOTH), Some(WARD), "two places");
    assert_eq!(hospital.call_next(BOTH), Err(RoomRequired));
}

#[test]
fn calling_out_of_order_needs_a_reason() {
    let mut hospital = Hospital::new();
    let (first, second) = (hospital.check_in(), hospital.later(60).check_in());
    let without = hospital.on(doctor_actor(DOC), second, call(None));
    assert_eq!(without.map(|_| ()), Err(ReasonRequired));
    let blank = hospital.on(doctor_actor(DOC), second, call(Some("  ")));
    assert_eq!(blank.map(|_| ()), Err(ReasonRequired));
    hospital
        .on(doctor_actor(DOC), second, call(Some("in pain")))
        .expect("a call");
    hospital
        .on(doctor_actor(BOTH), first, call(None))
        .expect("the head of the queue");
    let held = hospital.check_in();
    hospital.on(reception(), held, hold()).expect("held");
    let without = hospital.on(doctor_actor(BOTH), held, call(None));
    assert_eq!(without.map(|_| ()), Err(ReasonRequired));
    let visit = hospital
        .on(doctor_actor(BOTH), held, call(Some("back")))
        .expect("a call");
    assert_eq!(
        (visit.stage.state, visit.stage.hold),
        (StageState::Called, None)
    );
}

#[test]
fn a_call_follows_the_department_that_the_client_saw() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .on(reception(), id, transfer(XR))
        .expect("a transfer");
    let stale = hospital.message(doctor_actor(BOTH), Some(GM), Some(id), call(Some("seen")));
    assert_eq!(hospital.give(&stale), Err(VersionConflict));
    let stale = hospital.message(reception(), Some(GM), Some(id), cancel());
    hospital
        .give(&stale)
        .expect("a cancellation needs no queue");
}

/// Three patients of one level, then one who left before them and comes back.
fn someone_returns(place: ReturnPlace, after: Option<u8>) -> Vec<usize> {
    let mut hospital = Hospital::new();
    let gone = hospital.check_in();
    let mut line = vec![gone];
    hospital.on(patient(gone), gone, leave()).expect("leaving");
    for _ in 0..3 {
        line.push(hospital.later(60).check_in());
    }
    let command = come_back(Some(place), after);
    let back = hospital
        .later(60)
        .on(reception(), gone, command)
        .expect("a return");
    assert_eq!((back.stage.ordinal, back.version), (2, 3));
    hospital
        .world
        .doctors
        .get_mut(&BOTH)
        .expect("a doctor")
        .capacity = 5;
    let order = (0..4).map(|_| hospital.call_next(BOTH).expect("a call"));
    order
        .map(|id| line.iter().position(|other| *other == id).expect("known"))
        .collect()
}

#[test]
fn where_a_returning_patient_joins() {
    assert_eq!(someone_returns(ReturnPlace::Original, None), [0, 1, 2, 3]);
    assert_eq!(someone_returns(ReturnPlace::After, Some(1)), [1, 0, 2, 3]);
    assert_eq!(someone_returns(ReturnPlace::After, Some(2)), [1, 2, 0, 3]);
    assert_eq!(someone_returns(ReturnPlace::After, None), [1, 2, 3, 0]);
    assert_eq!(someone_returns(ReturnPlace::After, Some(20)), [1, 2, 3, 0]);
    assert_eq!(someone_returns(ReturnPlace::Back, None), [1, 2, 3, 0]);
}

#[test]
fn returning_is_possible_on_the_same_service_day_only() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.on(patient(id), id, leave()).expect("leaving");
    hospital.now = instant("2026-03-11T04:00:00Z");
    let late = hospital.on(reception(), id, come_back(None, None));
    assert_eq!(late.map(|_| ()), Err(ServiceDayOver));
    hospital.now = instant("2026-03-11T03:59:59Z");
    hospital
        .on(reception(), id, come_back(None, None))
        .expect("a return");
}
