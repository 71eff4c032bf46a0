//! Erasing a person: when, and what is left.

use crate::fixture::*;
use medique_contracts::EventType;
use medique_contracts::RejectionCode::*;
use medique_contracts::vocabulary::StageState;
use medique_domain::decide::Change;

#[test]
fn what_identifies_goes_and_what_counts_stays() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    assert_eq!(
        hospital.on(admin(), id, erase()).map(|_| ()),
        Err(InvalidTransition),
        "a visit that goes on"
    );
    let before = hospital.on(reception(), id, leave()).expect("leaving");
    let message = hospital.message(admin(), Some(GM), Some(id), erase());
    let decision = hospital.give(&message).expect("an erasure");
    let [step] = &decision.transitions[..] else {
        panic!("one step: {decision:?}");
    };
    assert_eq!(step.event_type, EventType::PersonErased);
    let Change::Visit(change) = &step.change else {
        panic!("a step of the visit: {step:?}");
    };
    let after = &change.visit;
    assert!(after.erased && after.intake.is_none() && after.undo.is_none());
    assert_eq!(after.stage.state, StageState::Left);
    assert_eq!(
        (&after.token, after.level, after.arrived_at),
        (&before.token, before.level, before.arrived_at)
    );
}

#[test]
fn an_erased_visit_takes_no_more_commands() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital.on(reception(), id, leave()).expect("leaving");
    hospital.on(admin(), id, erase()).expect("an erasure");
    for command in [come_back(None, None), undo(), erase()] {
        let answer = hospital.on(admin(), id, command.clone()).map(|_| ());
        assert_eq!(answer, Err(InvalidTransition), "{command:?}");
    }
}
