//! Taking back: what can be, by whom, for how long.

use crate::fixture::*;
use medique_contracts::RejectionCode::*;
use medique_contracts::actor::Grants;
use medique_contracts::commands::CallNext;
use medique_contracts::ids::StaffId;
use medique_contracts::vocabulary::{Role, StageState};
use medique_contracts::{Actor, Command, EventType};
use medique_domain::decide::Change;

#[test]
fn what_was_before_is_restored_as_a_new_version() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let before = hospital.visit(id);
    hospital
        .later(30)
        .on(reception(), id, cancel())
        .expect("a cancellation");
    let after = hospital
        .later(30)
        .on(reception(), id, undo())
        .expect("an undo");
    assert_eq!((after.version, after.stage), (3, before.stage));
    assert_eq!(
        hospital.on(reception(), id, undo()).map(|_| ()),
        Err(NothingToUndo)
    );
}

#[test]
fn every_kind_of_step_can_be_taken_back() {
    let doctor = || doctor_actor(DOC);
    let prepare = |hospital: &mut Hospital, state| {
        let id = if state == StageState::InConsultation {
            hospital.in_consultation()
        } else {
            hospital.check_in()
        };
        if state == StageState::Called {
            hospital.call_next(DOC).expect("a call");
            hospital
                .later(30)
                .on(doctor(), id, recall())
                .expect("an announcement");
            hospital.later(90);
        }
        id
    };
    let steps: Vec<(StageState, Actor, Command)> = vec![
        (StageState::Waiting, nurse(), acuity(1)),
        (StageState::Waiting, doctor(), call(None)),
        (StageState::Waiting, patient_later(), hold()),
        (StageState::Waiting, reception(), transfer(XR)),
        (StageState::Waiting, patient_later(), leave()),
        (StageState::Waiting, patient_later(), cancel()),
        (StageState::Called, doctor(), recall()),
        (StageState::Called, doctor(), unclaim()),
        (StageState::Called, doctor(), start()),
        (StageState::Called, reception(), no_show()),
        (StageState::Called, reception(), transfer(XR)),
        (StageState::InConsultation, doctor(), hold()),
        (StageState::InConsultation, doctor(), complete()),
        (StageState::InConsultation, doctor(), transfer(XR)),
        (StageState::InConsultation, reception(), leave()),
    ];
    for (state, actor, command) in steps {
        let mut hospital = Hospital::new();
        let id = prepare(&mut hospital, state);
        let actor = if actor == patient_later() {
            patient(id)
        } else {
            actor
        };
        let before = hospital.visit(id);
        assert_eq!(before.stage.state, state);
        hospital
            .on(actor.clone(), id, command.clone())
            .expect("a step");
        let after = hospital.later(60).on(actor, id, undo()).expect("an undo");
        assert_eq!(after.stage, before.stage, "{command:?}");
        assert_eq!(
            (after.level, after.clinician),
            (before.level, before.clinician)
        );
    }
}

/// Stands for "the patient of the visit" before there is one.
fn patient_later() -> Actor {
    patient(uuid::Uuid::nil().into())
}

#[test]
fn the_same_actor_or_an_admin_within_a_minute() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .on(reception(), id, cancel())
        .expect("a cancellation");
    assert_eq!(
        hospital.on(doctor_actor(DOC), id, undo()).map(|_| ()),
        Err(Forbidden)
    );
    assert_eq!(
        hospital.on(patient(id), id, undo()).map(|_| ()),
        Err(Forbidden)
    );
    let elsewhere = staff_in(Role::Admin, Grants::Only(vec![XR]));
    assert_eq!(
        hospital.on(elsewhere, id, undo()).map(|_| ()),
        Err(Forbidden)
    );
    assert_eq!(
        hospital.later(61).on(reception(), id, undo()).map(|_| ()),
        Err(UndoExpired)
    );
    hospital
        .later(-1)
        .on(admin(), id, undo())
        .expect("an undo in the last second");
}

#[test]
fn a_transfer_is_taken_back_without_a_grant_over_there() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let local = Actor::Staff {
        id: StaffId(DOC.0),
        role: Role::Doctor,
        departments: Grants::Only(vec![GM]),
    };
    hospital
        .on(local.clone(), id, transfer(XR))
        .expect("a transfer");
    let message = hospital.message(local, Some(XR), Some(id), undo());
    let decision = hospital.later(20).give(&message).expect("an undo");
    let step = &decision.transitions[0];
    assert_eq!(
        (step.event_type, step.department_id),
        (EventType::VisitUndone, Some(GM))
    );
    let Change::Visit(change) = &step.change else {
        unreachable!()
    };
    let [closed] = &change.other_stages[..] else {
        unreachable!("one closed stage")
    };
    assert_eq!((closed.ordinal, closed.state), (2, StageState::Cancelled));
    let snapshot = decision.result.visit.expect("a visit");
    assert_eq!((snapshot.stage, snapshot.from_department_id), (1, Some(XR)));
    let again = hospital
        .on(reception(), id, transfer(XR))
        .expect("a transfer");
    assert_eq!(again.stage.ordinal, 3, "the cancelled stage keeps its row");
}

#[test]
fn a_transfer_stays_once_the_patient_was_called_there() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .on(reception(), id, transfer(XR))
        .expect("a transfer");
    let call = Command::CallNext(CallNext {
        room_id: None,
        doctor_id: None,
    });
    hospital
        .at(doctor_actor(RAY), Some(XR), call)
        .expect("a call");
    assert_eq!(
        hospital.on(reception(), id, undo()).map(|_| ()),
        Err(Forbidden)
    );
    let back = hospital
        .on(doctor_actor(RAY), id, undo())
        .expect("the call is taken back");
    assert_eq!(
        (back.stage.ordinal, back.stage.state),
        (2, StageState::Waiting)
    );
    assert_eq!(
        hospital.on(reception(), id, undo()).map(|_| ()),
        Err(NothingToUndo)
    );
}

#[test]
fn a_return_is_taken_back() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let left = hospital.on(patient(id), id, leave()).expect("leaving");
    hospital
        .later(60)
        .on(reception(), id, come_back(None, None))
        .expect("a return");
    let visit = hospital
        .later(5)
        .on(reception(), id, undo())
        .expect("an undo");
    assert_eq!((visit.stage.clone(), visit.last_ordinal), (left.stage, 2));
    let again = hospital
        .on(reception(), id, come_back(None, None))
        .expect("a return");
    assert_eq!(again.stage.ordinal, 3);
}

#[test]
fn doctor_and_room_must_still_be_free() {
    let mut hospital = Hospital::new();
    let id = hospital.in_consultation();
    hospital
        .on(doctor_actor(DOC), id, complete())
        .expect("an end");
    hospital.check_in();
    let next = hospital.call_next(DOC).expect("a call");
    assert_eq!(
        hospital.on(doctor_actor(DOC), id, undo()).map(|_| ()),
        Err(DoctorBusy)
    );
    hospital
        .on(doctor_actor(DOC), next, unclaim())
        .expect("unclaimed");
    let call = Command::CallNext(CallNext {
        room_id: Some(ROOM_1),
        doctor_id: None,
    });
    hospital
        .at(doctor_actor(BOTH), Some(GM), call)
        .expect("a call to the room");
    assert_eq!(
        hospital.on(doctor_actor(DOC), id, undo()).map(|_| ()),
        Err(RoomBusy)
    );
}

#[test]
fn a_place_that_was_taken_is_replaced_by_another() {
    let mut hospital = Hospital::new();
    for _ in 0..3 {
        hospital.check_in();
    }
    let first = hospital.call_next(BOTH).expect("a call");
    hospital
        .on(doctor_actor(BOTH), first, unclaim())
        .expect("unclaimed");
    let other = hospital.check_in();
    let reason = call(Some("first"));
    hospital
        .on(doctor_actor(BOTH), other, reason)
        .expect("a call");
    let stage = hospital.visit(other).stage;
    assert_eq!((stage.doctor_slot, stage.room_id), (0, Some(ROOM_1)));
    let taken = hospital.on(doctor_actor(BOTH), first, undo());
    assert_eq!(taken.map(|_| ()), Err(RoomBusy), "a room with one place");
}

#[test]
fn a_check_in_is_not_taken_back() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    assert_eq!(
        hospital.on(reception(), id, undo()).map(|_| ()),
        Err(NothingToUndo)
    );
}
