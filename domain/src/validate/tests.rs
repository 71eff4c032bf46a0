use super::*;
use chrono::NaiveDate;
use medique_contracts::commands::{Intake, Patient, Vitals};
use medique_contracts::vocabulary::Consciousness;
use proptest::prelude::*;

fn patient() -> Patient {
    Patient {
        name: "Ada Lovelace".to_owned(),
        age_years: Some(36),
        birth_date: None,
        sex: None,
        phone: None,
        language: None,
    }
}

fn sample() -> Intake {
    Intake {
        patient: patient(),
        complaint: "cough".to_owned(),
        symptoms: vec![],
        answers: vec![],
        vitals: None,
        assigned_doctor_id: None,
        arrival_mode: None,
        allow_duplicate: false,
    }
}

fn none_measured() -> Vitals {
    Vitals::default()
}

fn with_patient(change: impl FnOnce(&mut Patient)) -> Intake {
    let mut intake = sample();
    change(&mut intake.patient);
    intake
}

fn pointers(result: Result<impl Sized, Vec<FieldError>>) -> Vec<String> {
    result
        .err()
        .into_iter()
        .flatten()
        .map(|error| error.pointer)
        .collect()
}

#[test]
fn text_is_composed_and_trimmed_and_nothing_else() {
    let intake = intake(&with_patient(|p| {
        p.name = "  Jose\u{301}  de  la Cruz \n".to_owned()
    }));
    assert_eq!(
        intake.map(|intake| intake.patient.name),
        Ok("Jos\u{e9}  de  la Cruz".to_owned())
    );
    assert_eq!(normalise_text("a\r\nb\tc", true), Ok("a\nb\tc".to_owned()));
    assert!(normalise_text("a\rb", true).is_err());
    for refused in [
        "a\0b",
        "a\nb",
        "a\tb",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{202e}b",
        "a\u{2028}b",
    ] {
        assert!(normalise_text(refused, false).is_err(), "{refused:?}");
    }
    assert_eq!(
        normalise_text("שלום\u{200f} a", false),
        Ok("שלום\u{200f} a".to_owned())
    );
}

#[test]
fn bounds_of_a_patient() {
    let cases: [(Intake, &str); 14] = [
        (with_patient(|p| p.name = String::new()), "/patient/name"),
        (
            with_patient(|p| p.name = " \u{200b} ".to_owned()),
            "/patient/name",
        ),
        (with_patient(|p| p.name = "a".repeat(121)), "/patient/name"),
        (
            with_patient(|p| p.name = "a\u{1b}[2J".to_owned()),
            "/patient/name",
        ),
        (
            with_patient(|p| p.age_years = Some(131)),
            "/patient/age_years",
        ),
        (with_patient(|p| p.age_years = None), "/patient/age_years"),
        (
            with_patient(|p| p.birth_date = NaiveDate::from_ymd_opt(1879, 12, 31)),
            "/patient/birth_date",
        ),
        (
            with_patient(|p| p.phone = Some("call me".to_owned())),
            "/patient/phone",
        ),
        (
            with_patient(|p| p.phone = Some("12".to_owned())),
            "/patient/phone",
        ),
        (
            with_patient(|p| p.phone = Some("0123+456".to_owned())),
            "/patient/phone",
        ),
        (
            with_patient(|p| p.phone = Some("1".repeat(33))),
            "/patient/phone",
        ),
        (
            with_patient(|p| p.language = Some("e".to_owned())),
            "/patient/language",
        ),
        (
            with_patient(|p| p.language = Some("en--GB".to_owned())),
            "/patient/language",
        ),
        (
            with_patient(|p| p.language = Some("english please".to_owned())),
            "/patient/language",
        ),
    ];
    for (case, pointer) in cases {
        assert_eq!(pointers(intake(&case)), [pointer]);
    }
    let good = with_patient(|p| {
        p.name = "王".repeat(120);
        p.age_years = Some(130);
        p.phone = Some("+44 (0)20 7946-0958".to_owned());
        p.language = Some("zh-Hant-TW".to_owned());
    });
    assert_eq!(intake(&good), Ok(good.clone()));
}

#[test]
fn every_error_is_reported_with_its_pointer() {
    let bad = Intake {
        complaint: " ".to_owned(),
        symptoms: vec!["ok".to_owned(), String::new()],
        vitals: Some(Vitals {
            heart_rate: Some(401),
            pain: Some(11),
            ..none_measured()
        }),
        ..with_patient(|p| p.name.clear())
    };
    let expected = [
        "/patient/name",
        "/complaint",
        "/symptoms/1",
        "/vitals/heart_rate",
        "/vitals/pain",
    ];
    assert_eq!(pointers(intake(&bad)), expected);
    let many = Intake {
        symptoms: vec!["x".to_owned(); 21],
        ..sample()
    };
    assert_eq!(pointers(intake(&many)), ["/symptoms"]);
}

#[test]
fn bounds_of_vital_signs() {
    assert_eq!(pointers(vitals(&none_measured(), "")), [""]);
    assert_eq!(
        pointers(vitals(
            &Vitals {
                on_oxygen: Some(true),
                ..none_measured()
            },
            "/vitals"
        )),
        ["/vitals"]
    );
    let highest = Vitals {
        respiratory_rate: Some(100),
        oxygen_saturation: Some(100),
        on_oxygen: Some(true),
        systolic_bp: Some(350),
        heart_rate: Some(400),
        temperature_c: Some(46.0),
        consciousness: Some(Consciousness::Alert),
        pain: Some(10),
        ..none_measured()
    };
    assert_eq!(vitals(&highest, ""), Ok(highest.clone()));
    let too_high = Vitals {
        respiratory_rate: Some(101),
        oxygen_saturation: Some(101),
        systolic_bp: Some(351),
        heart_rate: Some(401),
        pain: Some(11),
        ..highest
    };
    assert_eq!(pointers(vitals(&too_high, "")).len(), 5);
    for celsius in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 19.9, 46.1] {
        let signs = Vitals {
            temperature_c: Some(celsius),
            ..none_measured()
        };
        assert_eq!(
            pointers(vitals(&signs, "")),
            ["/temperature_c"],
            "{celsius}"
        );
    }
    let rounded = vitals(
        &Vitals {
            temperature_c: Some(36.06),
            ..none_measured()
        },
        "",
    );
    assert_eq!(rounded.map(|signs| signs.temperature_c), Ok(Some(36.1)));
}

#[test]
fn bounds_of_the_other_commands() {
    let reason = |text: &str| text.to_owned();
    let long = "r".repeat(301);
    let cases = [
        (
            Command::SetAcuity(commands::SetAcuity {
                level: 0,
                reason: reason(""),
                override_floor: false,
            }),
            "/level",
        ),
        (
            Command::SetAcuity(commands::SetAcuity {
                level: 6,
                reason: reason(""),
                override_floor: false,
            }),
            "/level",
        ),
        (
            Command::Cancel(commands::Cancel {
                reason: reason(" "),
            }),
            "/reason",
        ),
        (
            Command::Leave(commands::Leave { reason: Some(long) }),
            "/reason",
        ),
        (
            Command::Hold(commands::Hold {
                reason: reason("x-ray"),
                expected_return_minutes: Some(0),
            }),
            "/expected_return_minutes",
        ),
        (
            Command::Return(commands::Return {
                place: None,
                after: Some(0),
                reason: None,
            }),
            "/after",
        ),
        (
            Command::Return(commands::Return {
                place: None,
                after: Some(21),
                reason: None,
            }),
            "/after",
        ),
        (
            Command::Complete(commands::Complete {
                notes: Some("n".repeat(4001)),
                prescription: None,
            }),
            "/notes",
        ),
        (
            Command::Complete(commands::Complete {
                notes: None,
                prescription: Some("\0".to_owned()),
            }),
            "/prescription",
        ),
    ];
    for (case, pointer) in cases {
        assert_eq!(pointers(command(&case)), [pointer], "{case:?}");
    }
    let blank = Command::Leave(commands::Leave {
        reason: Some("  ".to_owned()),
    });
    assert_eq!(
        command(&blank),
        Ok(Command::Leave(commands::Leave { reason: None }))
    );
    let notes = Command::Complete(commands::Complete {
        notes: Some("a\n\tb".to_owned()),
        prescription: None,
    });
    assert_eq!(command(&notes), Ok(notes.clone()));
}

#[test]
fn a_key_needs_more_than_name_and_age() {
    assert_eq!(patient_key(&patient()), None);
    let born = Patient {
        birth_date: NaiveDate::from_ymd_opt(1815, 12, 10),
        ..patient()
    };
    assert_eq!(
        patient_key(&born).as_deref(),
        Some("ada lovelace|born 1815-12-10")
    );
    let shouted = Patient {
        name: "ADA   lovelace".to_owned(),
        ..born.clone()
    };
    assert_eq!(patient_key(&shouted), patient_key(&born));
    let phone = |text: &str| {
        patient_key(&Patient {
            phone: Some(text.to_owned()),
            ..patient()
        })
    };
    assert_eq!(phone("+44 20-7946"), phone("(44) 207946"));
    assert_ne!(phone("+44 20 7946"), phone("+44 20 7947"));
    assert_eq!(phone("12345"), None);
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in any::<String>(), lines: bool) {
        if let Ok(once) = normalise_text(&text, lines) {
            prop_assert_eq!(normalise_text(&once, lines), Ok(once.clone()));
        }
    }
}
