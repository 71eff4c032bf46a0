//! Structured questions against free text.

use super::*;

fn answered(complaint: &str, answers: &[(&str, bool)]) -> Floor {
    let answers: Vec<Answer> = answers
        .iter()
        .map(|(question, yes)| Answer {
            question: (*question).to_owned(),
            yes: *yes,
        })
        .collect();
    let findings = Findings {
        age_years: Some(50),
        sex: Some(Sex::Female),
        complaint,
        answers: &answers,
        ..Findings::default()
    };
    floor(&Rules::default(), &findings)
}

#[test]
fn a_yes_raises_whatever_the_text_says() {
    assert_eq!(answered("cough", &[("chest_pain", true)]).level, 2);
    assert_eq!(answered("no chest pain", &[("chest_pain", true)]).level, 2);
    assert_eq!(
        answered("cough", &[("chest_pain", true), ("chest_pain", false)]).level,
        2
    );
}

#[test]
fn a_no_silences_the_same_thing_in_the_text_and_nothing_else() {
    assert_eq!(answered("chest pain", &[("chest_pain", false)]).level, 5);
    assert_eq!(answered("chest pain", &[("breathing", false)]).level, 2);
    assert_eq!(
        answered("chest pain, slurred speech", &[("chest_pain", false)]).level,
        2
    );
    assert_eq!(
        answered("chest pain", &[("nobody_asks_this", false)]).level,
        2
    );
}

#[test]
fn a_no_silences_no_vital_sign() {
    let answers = [Answer {
        question: "breathing".to_owned(),
        yes: false,
    }];
    let vitals = Vitals {
        oxygen_saturation: Some(80),
        ..normal()
    };
    let findings = Findings {
        age_years: Some(50),
        complaint: "cough",
        answers: &answers,
        vitals: Some(&vitals),
        ..Findings::default()
    };
    assert_eq!(floor(&Rules::default(), &findings).level, 2);
}

/// The pregnant are no patients for NEWS2; but words cannot switch it off, and nobody is less
/// urgent for being pregnant.
#[test]
fn pregnancy_takes_the_score_away_and_no_urgency() {
    let ill = Vitals {
        respiratory_rate: Some(24),
        heart_rate: Some(120),
        systolic_bp: Some(98),
        temperature_c: Some(38.2),
        ..normal()
    };
    let of = |complaint: &str, pregnant: Option<bool>| {
        let findings = Findings {
            age_years: Some(30),
            pregnant,
            complaint,
            vitals: Some(&ill),
            ..Findings::default()
        };
        floor(&Rules::default(), &findings)
    };
    let plain = of("tired", None);
    assert_eq!((plain.news2, plain.level), (Some(7), 2));
    assert_eq!(of("I am pregnant, tired", None).news2, Some(7));
    let pregnant = of("tired", Some(true));
    assert_eq!(
        (pregnant.news2, pregnant.score, pregnant.level),
        (None, None, 2)
    );
}
