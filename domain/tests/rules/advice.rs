//! What the adviser's word does to a visit, and what it never does.

mod histories;

use crate::fixture::*;
use crate::words;
use medique_contracts::RejectionCode::{self, *};
use medique_contracts::commands::*;
use medique_contracts::ids::VisitId;
use medique_contracts::vocabulary::{StageState, TriagePolicy, TriageSource};
use medique_contracts::{Actor, Command, EventType};
use medique_domain::decide::{Change, TriageFact};
use medique_domain::model::Visit;

/// The adviser says something about what is known of the visit now.
fn says(hospital: &mut Hospital, id: VisitId, level: u8) -> Result<Visit, RejectionCode> {
    let based_on = hospital.visit(id).findings_version;
    hospital.on(adviser(), id, suggestion(based_on, level))
}

fn fails(hospital: &mut Hospital, id: VisitId) -> Result<Visit, RejectionCode> {
    let based_on = hospital.visit(id).findings_version;
    hospital.on(adviser(), id, failed(based_on))
}

fn raising() -> (Hospital, VisitId) {
    let mut hospital = Hospital::new();
    hospital.policy(GM, TriagePolicy::RaiseOnly);
    let id = hospital.check_in();
    (hospital, id)
}

fn set(hospital: &mut Hospital, actor: Actor, id: VisitId, level: u8) -> Visit {
    let command = Command::SetAcuity(SetAcuity {
        level,
        reason: "as assessed".to_owned(),
        override_floor: false,
    });
    hospital.on(actor, id, command).expect("a level")
}

#[test]
fn a_suggestion_is_shown_and_changes_nothing_by_default() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let visit = says(&mut hospital, id, 1).expect("an advice");
    assert_eq!((visit.level, visit.stage.state), (4, StageState::Waiting));
    assert_eq!(visit.triage_source(), TriageSource::Rules);
    assert!(visit.needs_review(), "more urgent than the visit is");
    let advice = visit.advice.expect("an advice");
    assert_eq!((advice.version, advice.based_on), (2, 1));
    assert_eq!(advice.source.model, "simulated");
    let visit = says(&mut hospital, id, 4).expect("an advice");
    assert!(!visit.needs_review());
}

#[test]
fn where_the_department_wants_it_a_suggestion_raises() {
    let (mut hospital, id) = raising();
    let visit = says(&mut hospital, id, 2).expect("an advice");
    assert_eq!((visit.level, visit.stage.state), (2, StageState::Urgent));
    assert_eq!(visit.triage_source(), TriageSource::Adviser);
    assert!(!visit.needs_review());
    let visit = says(&mut hospital, id, 5).expect("an advice");
    assert_eq!(
        (visit.level, visit.raised),
        (2, Some(2)),
        "and never lowers"
    );
    hospital.policy(GM, TriagePolicy::Suggest);
    let better = hospital.on(nurse(), id, vitals(normal_vitals()));
    assert_eq!(
        better.expect("vital signs").level,
        2,
        "until somebody decides"
    );
}

#[test]
fn a_clinicians_word_ends_what_the_adviser_raised() {
    let (mut hospital, id) = raising();
    says(&mut hospital, id, 2).expect("an advice");
    let visit = set(&mut hospital, nurse(), id, 4);
    assert_eq!(
        (visit.level, visit.triage_source()),
        (4, TriageSource::Clinician)
    );
    let visit = says(&mut hospital, id, 1).expect("an advice");
    assert_eq!(visit.level, 4, "the clinician has decided");
    assert!(visit.needs_review(), "the adviser sees it otherwise since");
    let visit = set(&mut hospital, nurse(), id, 4);
    assert!(!visit.needs_review());
}

#[test]
fn the_desk_raises_beside_the_adviser_and_decides_nothing() {
    let (mut hospital, id) = raising();
    let visit = set(&mut hospital, reception(), id, 3);
    assert_eq!(
        (visit.level, visit.triage_source()),
        (3, TriageSource::Staff)
    );
    let visit = says(&mut hospital, id, 2).expect("an advice");
    assert_eq!(
        (visit.level, visit.triage_source()),
        (2, TriageSource::Adviser)
    );
    let visit = set(&mut hospital, doctor_actor(DOC), id, 5);
    assert_eq!(visit.level, 5);
    let visit = set(&mut hospital, reception(), id, 4);
    let raised = (visit.level, visit.triage_source());
    assert_eq!(raised, (4, TriageSource::Staff), "after a clinician");
}

#[test]
fn the_floor_stands_whatever_the_adviser_says() {
    for policy in TriagePolicy::ALL {
        let mut hospital = Hospital::new();
        hospital.policy(GM, *policy);
        let id = hospital.check_in();
        let visit = hospital.on(nurse(), id, vitals(bad_vitals()));
        assert_eq!(visit.expect("vital signs").level, 2);
        let answer = says(&mut hospital, id, 5).map(|visit| visit.level);
        let expected = match policy {
            TriagePolicy::Off => Err(AdviserOff),
            TriagePolicy::Suggest | TriagePolicy::RaiseOnly => Ok(2),
        };
        assert_eq!(answer, expected, "{policy}");
        assert_eq!(hospital.visit(id).level, 2);
    }
}

#[test]
fn a_failure_asks_for_a_human_until_one_has_decided() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let visit = fails(&mut hospital, id).expect("an advice");
    assert_eq!(
        (visit.level, visit.triage_source()),
        (4, TriageSource::Rules)
    );
    assert!(visit.needs_review());
    let visit = set(&mut hospital, reception(), id, 3);
    assert!(visit.needs_review(), "the desk is no clinician");
    let visit = set(&mut hospital, nurse(), id, 3);
    assert!(!visit.needs_review());
    let visit = hospital.on(nurse(), id, undo()).expect("taken back");
    assert!(visit.needs_review());
}

#[test]
fn advice_on_findings_of_before_is_refused() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    assert_eq!(hospital.visit(id).findings_version, 1);
    hospital
        .on(nurse(), id, vitals(normal_vitals()))
        .expect("vital signs");
    set(&mut hospital, nurse(), id, 3);
    assert_eq!(
        hospital.visit(id).findings_version,
        2,
        "a level is no finding"
    );
    for old in [1, 3] {
        let answer = hospital.on(adviser(), id, suggestion(old, 1));
        assert_eq!(answer.map(|_| ()), Err(StaleSuggestion));
    }
    hospital
        .on(adviser(), id, suggestion(2, 3))
        .expect("an advice");
    let scan = hospital.scan();
    let answer = hospital.on(adviser(), scan, suggestion(1, 1));
    assert_eq!(
        answer.map(|_| ()),
        Err(InvalidTransition),
        "nothing is known"
    );
    let filled = Command::FillIntake(FillIntake { intake: intake() });
    let visit = hospital.on(reception(), scan, filled).expect("an intake");
    assert_eq!(visit.findings_version, 2);
}

#[test]
fn nobody_loses_an_undo_to_the_adviser() {
    let (mut hospital, id) = raising();
    hospital.on(reception(), id, hold()).expect("held");
    let visit = says(&mut hospital, id, 2).expect("an advice");
    assert_eq!((visit.level, visit.stage.state), (2, StageState::OnHold));
    let visit = hospital.on(reception(), id, undo()).expect("taken back");
    assert_eq!((visit.level, visit.stage.state), (2, StageState::Urgent));
    assert!(visit.advice.is_some(), "what was said was said");
    assert_eq!(
        hospital.on(admin(), id, undo()).map(|_| ()),
        Err(NothingToUndo)
    );
}

#[test]
fn a_level_that_is_taken_back_gives_way_to_the_adviser_again() {
    let (mut hospital, id) = raising();
    set(&mut hospital, nurse(), id, 5);
    let visit = says(&mut hospital, id, 2).expect("an advice");
    assert_eq!(visit.level, 5);
    let visit = hospital.on(nurse(), id, undo()).expect("taken back");
    assert_eq!(
        (visit.level, visit.triage_source()),
        (2, TriageSource::Adviser)
    );
}

#[test]
fn the_switch_stops_what_is_under_way() {
    let (mut hospital, id) = raising();
    let decision = hospital.at(admin(), None, words::switch_adviser(false));
    let decision = decision.expect("switched");
    assert_eq!(decision.result.version, Some(2));
    assert_eq!(
        decision.transitions[0].event_type,
        EventType::AdviserSwitched
    );
    let detail = decision.transitions[0]
        .audit_detail
        .clone()
        .expect("a detail");
    assert_eq!(detail.reason.as_deref(), Some("as agreed"));
    assert_eq!(says(&mut hospital, id, 1).map(|_| ()), Err(AdviserOff));
    hospital
        .at(system(), None, words::switch_adviser(true))
        .expect("switched");
    assert_eq!(says(&mut hospital, id, 1).expect("an advice").level, 1);
}

#[test]
fn statistics_are_told_what_clinicians_made_of_it() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    says(&mut hospital, id, 3).expect("an advice");
    let mut fact = |actor: Actor, command: Command| {
        let message = hospital.message(actor, Some(GM), Some(id), command);
        let decision = hospital.give(&message).expect("a step");
        match &decision.transitions[0].change {
            Change::Visit(change) => change.triage.clone(),
            _ => None,
        }
    };
    let answers = |fact| match fact {
        Some(TriageFact::Decided {
            answers,
            suggested_level,
            ..
        }) => (answers, suggested_level),
        other => unreachable!("{other:?}"),
    };
    let none = (None, None);
    assert_eq!(answers(fact(reception(), acuity(3))), none, "no clinician");
    assert_eq!(answers(fact(nurse(), acuity(2))), (Some(2), Some(3)));
    assert_eq!(answers(fact(nurse(), acuity(3))), none, "the second word");
    let back = fact(nurse(), undo());
    assert_eq!(back, Some(TriageFact::TakenBack { version: 5 }));
    let Some(TriageFact::Advised { standing_level, .. }) = fact(adviser(), suggestion(1, 4)) else {
        unreachable!()
    };
    assert_eq!(standing_level, Some(2), "chosen without this advice");
    assert_eq!(answers(fact(nurse(), acuity(3))), (Some(7), Some(4)));
}

#[test]
fn what_no_adviser_may_say_is_refused() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    let with = |change: &dyn Fn(&mut Suggestion)| {
        let mut suggestion = Suggestion {
            level: 3,
            confidence: 0.5,
            reasons: Vec::new(),
            questions: Vec::new(),
        };
        change(&mut suggestion);
        words::advice(1, AdviceResult::Suggested(suggestion))
    };
    let four = vec!["why".to_owned(); 4];
    for bad in [
        with(&|s| s.level = 0),
        with(&|s| s.level = 6),
        with(&|s| s.confidence = 1.01),
        with(&|s| s.confidence = f64::NAN),
        with(&|s| s.reasons.clone_from(&four)),
        with(&|s| s.questions = vec!["x".repeat(201)]),
        with(&|s| s.reasons = vec!["two\nlines".to_owned()]),
    ] {
        let answer = hospital.on(adviser(), id, bad.clone());
        assert_eq!(answer.map(|_| ()), Err(InvalidField), "{bad:?}");
    }
}

#[test]
fn the_triage_duty_may_say_what_the_adviser_said_and_nothing_else() {
    let mut hospital = Hospital::new();
    let id = hospital.check_in();
    for command in [acuity(1), leave(), erase(), no_show(), call(None)] {
        let answer = hospital.on(adviser(), id, command);
        assert_eq!(answer.map(|_| ()), Err(Forbidden));
    }
    for actor in [system(), nurse(), doctor_actor(DOC), admin(), patient(id)] {
        let answer = hospital.on(actor, id, suggestion(1, 5));
        assert_eq!(answer.map(|_| ()), Err(Forbidden));
    }
    let switch = words::switch_adviser(true);
    let answer = hospital.at(adviser(), None, switch).map(|_| ());
    assert_eq!(answer, Err(Forbidden));
}
