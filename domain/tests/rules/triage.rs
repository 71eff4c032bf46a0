//! Levels: the floor, the clinician, and what each may do to the other.

use crate::fixture::*;
use medique_contracts::Command;
use medique_contracts::RejectionCode::{self, *};
use medique_contracts::commands::*;
use medique_contracts::vocabulary::StageState;
use medique_contracts::{Actor, ids::VisitId};
use medique_domain::model::Visit;

fn level(
    hospital: &mut Hospital,
    actor: Actor,
    id: VisitId,
    level: u8,
    reason: &str,
    override_floor: bool,
) -> Result<Visit, RejectionCode> {
    let reason = reason.to_owned();
    hospital.on(
        actor,
        id,
        Command::SetAcuity(SetAcuity {
            level,
            reason,
            override_floor,
        }),
    )
}

#[test]
fn reception_raises_only() {
    for actor in [reception(), admin()] {
        let mut hospital = Hospital::new();
        let id = hospital.check_in();
        for not_a_raise in [4, 5] {
            let answer = level(&mut hospital, actor.clone(), id, not_a_raise, "why", true);
            assert_eq!(answer.map(|_| ()), Err(RaiseOnly));
        }
        let visit = level(&mut hospital, actor, id, 2, "", false).expect("a raise");
        assert_eq!((visit.level, visit.stage.state), (2, StageState::Urgent));
    }
}

#[test]
fn clinicians_lower_with_a_reason() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    level(&mut hospital, nurse(), id, 2, "", false).expect("raising needs none");
    let without = level(&mut hospital, doctor_actor(DOC), id, 4, " ", false);
    assert_eq!(without.map(|_| ()), Err(ReasonRequired));
    let visit = level(&mut hospital, doctor_actor(DOC), id, 5, "well again", false);
    let visit = visit.expect("lowered");
    assert_eq!((visit.level, visit.stage.state), (5, StageState::Waiting));
}

#[test]
fn nobody_goes_below_the_floor_but_by_a_signed_override() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let visit = hospital
        .on(nurse(), id, vitals(bad_vitals()))
        .expect("vital signs");
    assert_eq!(
        (visit.floor.level, visit.floor.news2, visit.level),
        (2, Some(9), 2)
    );
    assert_eq!(visit.stage.state, StageState::Urgent);
    for (reason, override_floor) in [("sure", false), ("", true), ("", false)] {
        let answer = level(&mut hospital, nurse(), id, 3, reason, override_floor);
        assert_eq!(answer.map(|_| ()), Err(BelowFloor));
    }
    let message = hospital.message(
        doctor_actor(DOC),
        Some(GM),
        Some(id),
        Command::SetAcuity(SetAcuity {
            level: 4,
            reason: "known values".to_owned(),
            override_floor: true,
        }),
    );
    let decision = hospital.give(&message).expect("an override");
    let detail = decision.transitions[0]
        .audit_detail
        .clone()
        .expect("a detail");
    assert!(detail.floor_overridden);
    assert_eq!(
        (detail.from_level, detail.reason.as_deref()),
        (Some(2), Some("known values"))
    );
    assert_eq!(hospital.visit(id).level, 4);
}

#[test]
fn an_override_ends_when_findings_get_worse() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let altered = Vitals {
        respiratory_rate: Some(25),
        ..normal_vitals()
    };
    hospital
        .on(nurse(), id, vitals(altered.clone()))
        .expect("vital signs");
    level(
        &mut hospital,
        doctor_actor(DOC),
        id,
        5,
        "usual for her",
        true,
    )
    .expect("an override");
    let same = hospital
        .on(nurse(), id, vitals(altered))
        .expect("vital signs");
    assert_eq!((same.floor.level, same.level), (3, 5), "the same findings");
    let worse = hospital
        .on(nurse(), id, vitals(bad_vitals()))
        .expect("vital signs");
    assert_eq!((worse.floor.level, worse.level), (2, 2));
    let better = hospital
        .on(nurse(), id, vitals(normal_vitals()))
        .expect("vital signs");
    assert_eq!(
        (better.floor.level, better.level),
        (5, 5),
        "the clinician's own level"
    );
    assert!(!better.clinician.expect("a level").overrides_floor);
}

#[test]
fn new_vital_signs_raise_and_lower_the_floor() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .on(nurse(), id, vitals(bad_vitals()))
        .expect("vital signs");
    let visit = hospital
        .on(nurse(), id, vitals(normal_vitals()))
        .expect("vital signs");
    assert_eq!((visit.level, visit.stage.state), (4, StageState::Waiting));
    assert_eq!(
        hospital.on(nurse(), id, undo()).map(|_| ()),
        Err(NothingToUndo)
    );
}

#[test]
fn a_partial_set_keeps_the_rest() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    hospital
        .on(nurse(), id, vitals(bad_vitals()))
        .expect("vital signs");
    let pain_only = Vitals {
        pain: Some(3),
        ..Vitals::default()
    };
    let message = hospital.message(nurse(), Some(GM), Some(id), vitals(pain_only.clone()));
    let decision = hospital.give(&message).expect("vital signs");
    let medique_domain::decide::Change::Visit(change) = &decision.transitions[0].change else {
        unreachable!()
    };
    assert_eq!(
        change.vitals.as_ref(),
        Some(&pain_only),
        "recorded as measured"
    );
    let visit = hospital.visit(id);
    assert_eq!(visit.level, 2);
    assert_eq!(visit.vitals.and_then(|vitals| vitals.heart_rate), Some(140));
}

#[test]
fn a_child_is_not_scored_as_an_adult() {
    let mut hospital = Hospital::new();
    let mut child = intake();
    child.patient.age_years = Some(3);
    child.vitals = Some(Vitals {
        oxygen_saturation: Some(97),
        ..bad_vitals()
    });
    let id = hospital.check_in_at(GM, child.clone());
    assert_eq!(
        (hospital.visit(id).floor.news2, hospital.visit(id).level),
        (None, 4)
    );
    child.patient.birth_date = chrono::NaiveDate::from_ymd_opt(2010, 3, 10);
    let id = hospital.check_in_at(GM, child);
    assert_eq!(
        hospital.visit(id).floor.news2,
        Some(6),
        "16 today; the date goes before the age"
    );
}

#[test]
fn the_level_changes_wherever_the_patient_is() {
    let mut hospital = Hospital::new();
    let id = hospital.in_consultation();
    let visit = level(&mut hospital, doctor_actor(DOC), id, 1, "worse", false).expect("a level");
    assert_eq!(
        (visit.level, visit.stage.state),
        (1, StageState::InConsultation)
    );
    hospital.on(doctor_actor(DOC), id, hold()).expect("held");
    let visit = hospital.on(nurse(), id, acuity(3)).expect("a level");
    assert_eq!((visit.level, visit.stage.state), (3, StageState::OnHold));
}
