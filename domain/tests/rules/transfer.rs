//! From one department to another, and from one doctor to another.

use crate::fixture::*;
use medique_contracts::RejectionCode::*;
use medique_contracts::commands::*;
use medique_contracts::ids::DoctorId;
use medique_contracts::vocabulary::{StageState, TransferPlace};
use medique_contracts::{Command, EventType};
use medique_domain::decide::Change;

#[test]
fn a_transfer_carries_token_level_and_arrival() {
    let mut hospital = Hospital::new();
    let id = hospital.in_consultation();
    hospital.on(nurse(), id, acuity(3)).expect("a level");
    let before = hospital.visit(id);
    hospital.later(60);
    let message = hospital.message(doctor_actor(DOC), Some(GM), Some(id), transfer(XR));
    let decision = hospital.give(&message).expect("a transfer");
    let step = &decision.transitions[0];
    assert_eq!(
        (step.event_type, step.department_id),
        (EventType::VisitTransferred, Some(XR))
    );
    let snapshot = decision.result.visit.expect("a visit");
    assert_eq!(snapshot.from_department_id, Some(GM));
    let Change::Visit(change) = &step.change else {
        unreachable!()
    };
    let [closed] = &change.other_stages[..] else {
        unreachable!("one closed stage")
    };
    assert_eq!((closed.state, closed.ordinal), (StageState::Transferred, 1));
    assert_eq!(
        (closed.doctor_id, closed.ended_at),
        (Some(DOC), Some(hospital.now))
    );
    let after = hospital.visit(id);
    assert_eq!(
        (after.stage.state, after.stage.ordinal),
        (StageState::Waiting, 2)
    );
    assert_eq!((&after.token, after.level), (&before.token, 3));
    assert_eq!(after.stage.queued_since, after.arrived_at, "by arrival");
    hospital.check_in();
    hospital.call_next(DOC).expect("the doctor is free again");
}

#[test]
fn the_default_level_of_the_admitting_department_stays() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .world
        .departments
        .get_mut(&XR)
        .expect("XR")
        .settings
        .default_level = 5;
    hospital
        .on(reception(), id, transfer(XR))
        .expect("a transfer");
    let visit = hospital
        .on(nurse(), id, vitals(normal_vitals()))
        .expect("vital signs");
    assert_eq!(visit.level, 4);
}

#[test]
fn where_a_transferred_patient_joins() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let waiting = hospital.later(600).check_in_at(XR, intake());
    let moved = |place, assigned_doctor_id| {
        let reason = "image".to_owned();
        Command::Transfer(Transfer {
            department_id: XR,
            reason,
            place,
            assigned_doctor_id,
        })
    };
    let place = Some(TransferPlace::Front);
    let front = hospital
        .on(reception(), id, moved(place, Some(RAY)))
        .expect("a transfer");
    assert!(front.stage.front);
    assert_eq!(front.stage.assigned_doctor_id, Some(RAY));
    hospital
        .later(5)
        .on(reception(), id, undo())
        .expect("an undo");
    let place = Some(TransferPlace::Back);
    let back = hospital
        .on(reception(), id, moved(place, None))
        .expect("a transfer");
    assert!(!back.stage.front && back.stage.queued_since == hospital.now);
    let call = Command::CallNext(CallNext {
        room_id: None,
        doctor_id: Some(RAY),
    });
    let called = hospital.at(reception(), Some(XR), call).expect("a call");
    assert_eq!(
        called.result.visit.map(|visit| visit.visit_id),
        Some(waiting)
    );
}

#[test]
fn transfers_that_lead_nowhere() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let mut go = |department, doctor: Option<DoctorId>| {
        let reason = "image".to_owned();
        let command = Command::Transfer(Transfer {
            department_id: department,
            reason,
            place: None,
            assigned_doctor_id: doctor,
        });
        hospital.on(reception(), id, command).map(|_| ())
    };
    assert_eq!(go(GM, None), Err(SameDepartment));
    assert_eq!(go(SHUT, None), Err(DepartmentClosed));
    assert_eq!(
        go(uuid::Uuid::from_u128(5).into(), None),
        Err(UnknownDepartment)
    );
    assert_eq!(go(XR, Some(DOC)), Err(UnknownDoctor));
    assert_eq!(go(XR, Some(BOTH)), Ok(()));
}

#[test]
fn reassigning_changes_the_line_only() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let to = |doctor_id| Command::Reassign(Reassign { doctor_id });
    assert_eq!(
        hospital.on(reception(), id, to(Some(RAY))).map(|_| ()),
        Err(UnknownDoctor)
    );
    let visit = hospital
        .on(reception(), id, to(Some(BOTH)))
        .expect("reassigned");
    assert_eq!(visit.stage.assigned_doctor_id, Some(BOTH));
    assert_eq!(hospital.call_next(DOC), Err(NobodyWaiting));
    hospital
        .on(reception(), id, to(None))
        .expect("back to the pool");
    assert_eq!(hospital.call_next(DOC), Ok(id));
}
