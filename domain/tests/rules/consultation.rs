//! From the call to the end, with the ways around it.

use crate::fixture::*;
use chrono::TimeDelta;
use medique_contracts::RejectionCode::*;
use medique_contracts::commands::*;
use medique_contracts::vocabulary::{DoctorStatus, StageState};
use medique_contracts::{Command, EventType};
use medique_domain::decide::{Change, Notes};

#[test]
fn only_the_doctor_who_called_starts_and_completes() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.call_next(DOC).expect("a call");
    let other = doctor_actor(BOTH);
    assert_eq!(
        hospital.on(other.clone(), id, start()).map(|_| ()),
        Err(NotInCharge)
    );
    hospital
        .later(60)
        .on(doctor_actor(DOC), id, start())
        .expect("a start");
    assert_eq!(
        hospital.on(other, id, complete()).map(|_| ()),
        Err(NotInCharge)
    );
    let written = Command::Complete(Complete {
        notes: Some("rest\nand tea".to_owned()),
        prescription: None,
    });
    let message = hospital.message(doctor_actor(DOC), Some(GM), Some(id), written);
    let decision = hospital.give(&message).expect("an end");
    let Change::Visit(change) = &decision.transitions[0].change else {
        unreachable!()
    };
    let notes = Notes {
        notes: Some("rest\nand tea".to_owned()),
        prescription: None,
    };
    assert_eq!(change.notes, Some(notes));
    let stage = hospital.visit(id).stage;
    assert_eq!(
        (stage.state, stage.doctor_id),
        (StageState::Completed, Some(DOC))
    );
}

#[test]
fn walking_straight_in_is_a_call_and_a_start() {
    let mut hospital = Hospital::new();
    let (_, id) = (hospital.check_in(), hospital.check_in());
    let message = hospital.message(doctor_actor(DOC), Some(GM), Some(id), start());
    let decision = hospital.give(&message).expect("a start");
    let events: Vec<_> = decision
        .transitions
        .iter()
        .map(|step| step.event_type)
        .collect();
    assert_eq!(events, [EventType::VisitCalled, EventType::VisitStarted]);
    let visit = hospital.visit(id);
    assert_eq!(
        (visit.version, visit.stage.state),
        (3, StageState::InConsultation)
    );
    assert_eq!(decision.result.visit.map(|visit| visit.version), Some(3));
    let again = hospital
        .later(5)
        .on(doctor_actor(DOC), id, undo())
        .expect("an undo");
    assert_eq!(
        again.stage.state,
        StageState::Called,
        "only the last of the two"
    );
}

#[test]
fn announcements_have_a_gap_of_ten_seconds() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.call_next(DOC).expect("a call");
    let early = hospital.later(9).on(reception(), id, recall());
    assert_eq!(early.map(|_| ()), Err(RecallTooSoon));
    let visit = hospital
        .later(1)
        .on(reception(), id, recall())
        .expect("an announcement");
    assert_eq!(visit.stage.recall_count, 1);
    assert_eq!(
        visit.stage.called_at,
        Some(hospital.now - TimeDelta::seconds(10))
    );
    assert_eq!(visit.stage.last_called_at, Some(hospital.now));
}

#[test]
fn a_no_show_needs_announcements_and_grace() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.call_next(DOC).expect("a call");
    let early = hospital.later(600).on(reception(), id, no_show());
    assert_eq!(early.map(|_| ()), Err(NoShowTooSoon), "announced once only");
    hospital
        .on(reception(), id, recall())
        .expect("an announcement");
    let early = hospital.later(59).on(reception(), id, no_show());
    assert_eq!(
        early.map(|_| ()),
        Err(NoShowTooSoon),
        "in the time of grace"
    );
    hospital
        .later(1)
        .on(reception(), id, no_show())
        .expect("a no-show");
}

#[test]
fn a_timer_decides_nothing_about_the_urgent() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.on(nurse(), id, acuity(2)).expect("a level");
    hospital.call_next(DOC).expect("a call");
    hospital
        .later(30)
        .on(reception(), id, recall())
        .expect("an announcement");
    let timed = hospital.later(600).on(system(), id, no_show());
    assert_eq!(timed.map(|_| ()), Err(HumanRequired));
    hospital
        .on(reception(), id, no_show())
        .expect("a person decides");
}

#[test]
fn a_wrong_call_is_taken_back_to_the_old_place() {
    let mut hospital = Hospital::new();
    let first = hospital.check_in();
    let second = hospital.later(60).check_in();
    let before = hospital.visit(first).stage;
    hospital.later(60).call_next(DOC).expect("a call");
    let visit = hospital
        .later(5)
        .on(doctor_actor(DOC), first, unclaim())
        .expect("unclaimed");
    assert_eq!(visit.stage, before, "nothing of the call is left");
    assert_eq!(hospital.call_next(DOC), Ok(first));
    assert_ne!(first, second);
}

#[test]
fn a_held_waiter_keeps_the_place_and_is_not_offered() {
    let mut hospital = Hospital::new();
    let first = hospital.check_in();
    let second = hospital.later(60).check_in();
    let held = hospital
        .on(patient(first), first, hold())
        .expect("stepping out");
    let record = held.stage.hold.expect("a record");
    assert_eq!(
        record.expected_back_at,
        Some(hospital.now + TimeDelta::minutes(20))
    );
    assert_eq!(hospital.call_next(DOC), Ok(second));
    assert_eq!(hospital.call_next(BOTH), Err(NobodyWaiting));
    let back = hospital
        .later(600)
        .on(patient(first), first, resume())
        .expect("back");
    assert_eq!(
        (back.stage.state, back.stage.hold),
        (StageState::Waiting, None)
    );
    assert_eq!(back.stage.queued_since, back.arrived_at);
}

#[test]
fn patients_step_out_only_while_they_wait() {
    let mut hospital = Hospital::new();
    let id = hospital.in_consultation();
    assert_eq!(
        hospital.on(patient(id), id, hold()).map(|_| ()),
        Err(InvalidTransition)
    );
    hospital
        .on(doctor_actor(DOC), id, hold())
        .expect("to x-ray");
    assert_eq!(
        hospital.on(patient(id), id, resume()).map(|_| ()),
        Err(InvalidTransition)
    );
    assert_eq!(
        hospital.on(patient(id), id, cancel()).map(|_| ()),
        Err(InvalidTransition)
    );
    hospital
        .on(patient(id), id, leave())
        .expect("patients may always leave");
}

#[test]
fn a_held_consultation_goes_on_when_the_doctor_is_free() {
    let mut hospital = Hospital::new();
    let id = hospital.in_consultation();
    let started = hospital.visit(id).stage.started_at;
    hospital
        .later(60)
        .on(doctor_actor(DOC), id, hold())
        .expect("to x-ray");
    let visit = hospital
        .later(900)
        .on(reception(), id, resume())
        .expect("back");
    assert_eq!(visit.stage.state, StageState::InConsultation);
    assert_eq!(
        (visit.stage.doctor_id, visit.stage.started_at),
        (Some(DOC), started)
    );
}

#[test]
fn else_it_waits_at_the_front_of_that_doctors_line() {
    let busy = |hospital: &mut Hospital| {
        hospital.check_in();
        hospital.call_next(DOC).expect("a call");
    };
    let paused = |hospital: &mut Hospital| {
        let pause = availability(DOC, DoctorStatus::Paused);
        hospital.at(admin(), None, pause).expect("a pause");
    };
    let room_taken = |hospital: &mut Hospital| {
        hospital.check_in();
        let command = Command::CallNext(CallNext {
            room_id: Some(ROOM_1),
            doctor_id: None,
        });
        hospital
            .at(doctor_actor(BOTH), Some(GM), command)
            .expect("a call");
    };
    let cases: [fn(&mut Hospital); 3] = [busy, paused, room_taken];
    for occupy in cases {
        let mut hospital = Hospital::new();
        let id = hospital.in_consultation();
        hospital
            .later(60)
            .on(doctor_actor(DOC), id, hold())
            .expect("to x-ray");
        occupy(&mut hospital);
        let visit = hospital
            .later(900)
            .on(reception(), id, resume())
            .expect("back");
        assert_eq!(visit.stage.state, StageState::Waiting);
        assert!(visit.stage.front);
        assert_eq!(visit.stage.assigned_doctor_id, Some(DOC));
        assert_eq!((visit.stage.doctor_id, visit.stage.room_id), (None, None));
        assert!(visit.stage.started_at.is_some());
    }
}

#[test]
fn the_interrupted_patient_is_next_and_keeps_the_first_start() {
    let mut hospital = Hospital::new();
    let id = hospital.in_consultation();
    let started = hospital.visit(id).stage.started_at;
    hospital.check_in();
    hospital
        .later(60)
        .on(doctor_actor(DOC), id, hold())
        .expect("to x-ray");
    let other = hospital.call_next(DOC).expect("a call");
    hospital.on(reception(), id, resume()).expect("back");
    let third = hospital.check_in();
    hospital.on(nurse(), third, acuity(2)).expect("a level");
    hospital
        .later(1200)
        .on(doctor_actor(DOC), other, start())
        .expect("a start");
    hospital
        .on(doctor_actor(DOC), other, complete())
        .expect("an end");
    assert_eq!(
        hospital.call_next(BOTH),
        Ok(third),
        "the line of one doctor is not another's"
    );
    assert_eq!(hospital.call_next(DOC), Ok(id));
    let visit = hospital
        .later(5)
        .on(doctor_actor(DOC), id, start())
        .expect("a start");
    assert_eq!(visit.stage.started_at, started);
}

#[test]
fn times_never_run_backwards_and_say_so() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let arrived = hospital.now;
    hospital.later(60).call_next(DOC).expect("a call");
    let called = Some(hospital.now);
    let started = hospital
        .later(-3600)
        .on(doctor_actor(DOC), id, start())
        .expect("a start");
    assert_eq!(
        (started.stage.started_at, started.stage.clock_clamped),
        (called, true)
    );
    let ended = hospital
        .on(doctor_actor(DOC), id, complete())
        .expect("an end");
    assert_eq!(ended.stage.ended_at, called);
    assert_eq!(ended.arrived_at, arrived);
}
