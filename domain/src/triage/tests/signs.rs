//! Children, signs that could not be measured, sets that are partial, and who stands above the floor.

use super::*;

/// Both sides of each bound of the danger zone of ESI.
#[test]
fn danger_zones_of_children() {
    let level = |age_years, age_days, heart_rate, respiratory_rate| {
        let vitals = Vitals {
            heart_rate: Some(heart_rate),
            respiratory_rate: Some(respiratory_rate),
            ..Vitals::default()
        };
        let findings = Findings {
            age_years: Some(age_years),
            age_days,
            vitals: Some(&vitals),
            ..Findings::default()
        };
        floor(&Rules::default(), &findings).level
    };
    assert_eq!(
        (level(0, Some(60), 180, 50), level(0, Some(60), 181, 50)),
        (5, 2)
    );
    assert_eq!(level(0, Some(60), 180, 51), 2);
    assert_eq!(
        (level(1, Some(400), 160, 40), level(1, Some(400), 161, 40)),
        (5, 2)
    );
    assert_eq!(level(2, None, 160, 41), 2);
    assert_eq!((level(5, None, 140, 30), level(5, None, 141, 30)), (5, 2));
    assert_eq!(level(5, None, 140, 31), 2);
    assert_eq!((level(12, None, 100, 20), level(12, None, 101, 20)), (5, 3));
    assert_eq!((level(12, None, 120, 30), level(12, None, 121, 30)), (3, 2));
    assert_eq!(
        level(0, None, 165, 30),
        2,
        "an age in days that is not known raises"
    );
}

#[test]
fn an_unmeasurable_sign_is_a_finding() {
    for sign in [
        VitalSign::SystolicBp,
        VitalSign::OxygenSaturation,
        VitalSign::HeartRate,
    ] {
        let mut vitals = normal();
        match sign {
            VitalSign::SystolicBp => vitals.systolic_bp = None,
            VitalSign::OxygenSaturation => vitals.oxygen_saturation = None,
            _ => vitals.heart_rate = None,
        }
        vitals.unmeasurable = vec![sign];
        let floor = adult_floor(&vitals);
        assert_eq!((floor.level, floor.news2), (2, None));
        assert_eq!(floor.score.map(|score| score.missing), Some(vec![sign]));
    }
}

#[test]
fn measuring_ends_being_unmeasurable_and_hides_nothing_before() {
    let low = Vitals {
        systolic_bp: Some(80),
        ..normal()
    };
    let lost = Vitals {
        unmeasurable: vec![VitalSign::SystolicBp],
        ..Vitals::default()
    };
    let merged = merge_vitals(Some(&low), &lost);
    assert_eq!(merged.systolic_bp, Some(80));
    assert_eq!(merged.unmeasurable, [VitalSign::SystolicBp]);
    let pulse = Vitals {
        heart_rate: Some(90),
        ..Vitals::default()
    };
    assert_eq!(merge_vitals(Some(&merged), &pulse).unmeasurable.len(), 1);
    let again = merge_vitals(Some(&merged), &normal());
    assert_eq!(
        (again.systolic_bp, again.unmeasurable.len()),
        (Some(120), 0)
    );
}

#[test]
fn a_partial_set_does_not_hide_what_was_alarming() {
    let alarming = Vitals {
        oxygen_saturation: Some(85),
        ..normal()
    };
    let merged = merge_vitals(
        Some(&alarming),
        &Vitals {
            pain: Some(2),
            ..Vitals::default()
        },
    );
    assert_eq!(merged.oxygen_saturation, Some(85));
    assert_eq!(merged.pain, Some(2));
    assert_eq!(
        merge_vitals(Some(&alarming), &normal()).oxygen_saturation,
        Some(98)
    );
}

#[test]
fn only_an_override_stands_above_the_floor() {
    let floor = Floor {
        level: 2,
        rules_version: 2,
        fired: Vec::new(),
        news2: None,
        rules: Vec::new(),
        score: None,
    };
    let clinician = |level, overrides_floor| ClinicianLevel {
        level,
        overrides_floor,
        ..ClinicianLevel::default()
    };
    assert_eq!(effective_level(&floor, None, 4), 2);
    assert_eq!(effective_level(&floor, None, 1), 1);
    assert_eq!(effective_level(&floor, Some(&clinician(4, false)), 5), 2);
    assert_eq!(effective_level(&floor, Some(&clinician(1, false)), 5), 1);
    assert_eq!(effective_level(&floor, Some(&clinician(4, true)), 5), 4);
}
