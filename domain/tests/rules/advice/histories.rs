//! The adviser in random histories.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Says(u8, f64, bool),
    Fails,
    Vitals(bool),
    Clinician(u8, bool),
    Desk(u8),
    Undo,
    Move,
    Policy(usize),
    Switch(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..=5_u8, 0.0..=1.0_f64, any::<bool>()).prop_map(|(l, c, stale)| Step::Says(l, c, stale)),
        1 => Just(Step::Fails),
        2 => any::<bool>().prop_map(Step::Vitals),
        2 => (1..=5_u8, any::<bool>()).prop_map(|(level, over)| Step::Clinician(level, over)),
        1 => (1..=5_u8).prop_map(Step::Desk),
        1 => Just(Step::Undo),
        1 => Just(Step::Move),
        1 => (0..3_usize).prop_map(Step::Policy),
        1 => any::<bool>().prop_map(Step::Switch),
    ]
}

fn take(hospital: &mut Hospital, id: VisitId, step: &Step) {
    let visit = hospital.visit(id);
    let done = match step {
        Step::Says(level, confidence, stale) => {
            let suggestion = Suggestion {
                level: *level,
                confidence: *confidence,
                reasons: Vec::new(),
                questions: Vec::new(),
            };
            let based_on = visit.findings_version + i64::from(*stale);
            let command = words::advice(based_on, AdviceResult::Suggested(suggestion));
            hospital.on(adviser(), id, command)
        }
        Step::Fails => fails(hospital, id),
        Step::Vitals(bad) => {
            let signs = if *bad { bad_vitals() } else { normal_vitals() };
            hospital.on(nurse(), id, vitals(signs))
        }
        Step::Clinician(level, override_floor) => {
            let command = Command::SetAcuity(SetAcuity {
                level: *level,
                reason: "seen".to_owned(),
                override_floor: *override_floor,
            });
            hospital.on(nurse(), id, command)
        }
        Step::Desk(level) => hospital.on(reception(), id, acuity(*level)),
        Step::Undo => hospital.on(nurse(), id, undo()),
        Step::Move if visit.stage.department_id == GM => hospital.on(admin(), id, transfer(XR)),
        Step::Move => hospital.on(admin(), id, transfer(GM)),
        Step::Policy(index) => {
            hospital.policy(visit.stage.department_id, TriagePolicy::ALL[*index]);
            Ok(visit)
        }
        Step::Switch(enabled) => {
            let switched = hospital.at(admin(), None, words::switch_adviser(*enabled));
            switched.map(|_| visit)
        }
    };
    // A refusal changes nothing; what is done is held against the invariants by the fixture.
    let _ = done;
}

/// The level as this page says it, from what stands in the visit, without the code that is tested.
fn said(visit: &Visit, default: u8) -> u8 {
    let desk = visit.clinician.as_ref().filter(|level| level.by_desk);
    match &visit.clinician {
        Some(clinician) if clinician.overrides_floor => clinician.level,
        Some(clinician) if visit.is_assessed() => clinician.level.min(visit.floor.level),
        _ => visit
            .floor
            .level
            .min(desk.map_or(default, |level| level.level)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// In any history, under any policy: nobody is ever less urgent than floor, desk and clinician
    /// make them; nobody whom a clinician has assessed, and nobody without `raise_only`, is any more
    /// urgent than that; and no single word of the adviser's lowers a level.
    #[test]
    fn the_adviser_never_makes_anybody_less_urgent(
        policy in 0..3_usize,
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let policy = TriagePolicy::ALL[policy];
        let mut with = Hospital::new();
        with.policy(GM, policy);
        with.policy(XR, policy);
        let id = with.check_in();
        let mut ever_raising = policy == TriagePolicy::RaiseOnly;
        for step in &steps {
            let before = with.visit(id);
            take(&mut with, id, step);
            with.later(1);
            let after = with.visit(id);
            ever_raising |= matches!(step, Step::Policy(index) if TriagePolicy::ALL[*index] == TriagePolicy::RaiseOnly);
            let rules = said(&after, 4);
            prop_assert!(after.level <= rules, "{step:?}: {after:?}");
            let overridden = after.clinician.as_ref().is_some_and(|level| level.overrides_floor);
            prop_assert!(overridden || after.level <= after.floor.level);
            if after.is_assessed() || !ever_raising {
                prop_assert_eq!(after.level, rules, "{:?}", step);
            }
            if matches!(step, Step::Says(..) | Step::Fails) {
                prop_assert!(after.level <= before.level);
            }
            if after.level < rules {
                prop_assert_eq!(after.triage_source(), TriageSource::Adviser);
            }
        }
    }
}
