use super::*;
use medique_contracts::commands::{CheckIn, Intake, Patient, RecordVitals, Vitals};
use uuid::Uuid;

#[test]
fn a_key_is_visible_ascii_of_bounded_length() {
    let longest = "k".repeat(128);
    for good in ["1", "0190-abc", "~!@#$%^&*()_+", &longest] {
        let header = HeaderValue::from_str(good).expect("a header value");
        assert_eq!(key(Some(&header)).expect("a key"), good);
    }
    let code = |header: Option<&HeaderValue>| key(header).expect_err("no key").code();
    assert_eq!(code(None), ApiCode::IdempotencyKeyRequired.into());
    let too_long = "k".repeat(129);
    for bad in ["", " ", "a b", "a\tb", "\u{e9}", &too_long] {
        let header = HeaderValue::from_bytes(bad.as_bytes()).expect("a header value");
        assert_eq!(
            code(Some(&header)),
            ApiCode::IdempotencyKeyInvalid.into(),
            "{bad:?}"
        );
    }
}

fn check_in(complaint: &str, symptoms: &[&str]) -> Command {
    let patient = Patient {
        name: "Ada".to_owned(),
        age_years: Some(42),
        birth_date: None,
        sex: None,
        phone: None,
        language: None,
    };
    Command::CheckIn(CheckIn {
        intake: Intake {
            patient,
            complaint: complaint.to_owned(),
            symptoms: symptoms.iter().map(|&text| text.to_owned()).collect(),
            answers: Vec::new(),
            vitals: None,
            assigned_doctor_id: None,
            arrival_mode: None,
            allow_duplicate: false,
        },
    })
}

fn of(command: &Command) -> Request<'_> {
    let department = Some(DepartmentId(Uuid::from_u128(1)));
    Request {
        kind: command.kind(),
        resource: "r",
        department,
        expected_version: Some(1),
        command,
    }
}

#[test]
fn the_same_request_has_the_same_fingerprint_and_any_other_another() {
    let base = check_in("cough", &["fever"]);
    let same = fingerprint(&of(&check_in("cough", &["fever"]))).expect("hashes");
    assert_eq!(same.len(), 64);
    assert_eq!(fingerprint(&of(&base)).expect("hashes"), same);
    let other_complaint = check_in("cold", &["fever"]);
    let split = check_in("cough", &["fev", "er"]);
    let moved = check_in("coughfever", &[]);
    let vitals = Command::RecordVitals(RecordVitals {
        vitals: Vitals {
            temperature_c: Some(36.6),
            ..Vitals::default()
        },
    });
    for other in [
        of(&other_complaint),
        of(&split),
        of(&moved),
        of(&vitals),
        Request {
            resource: "s",
            ..of(&base)
        },
        Request {
            department: None,
            ..of(&base)
        },
        Request {
            expected_version: None,
            ..of(&base)
        },
        Request {
            expected_version: Some(2),
            ..of(&base)
        },
    ] {
        assert_ne!(fingerprint(&other).expect("hashes"), same, "{other:?}");
    }
}

#[test]
fn the_order_of_keys_and_absent_members_do_not_count() {
    let canonical = |text: &str| {
        let mut bytes = Vec::new();
        write_canonical(&serde_json::from_str(text).expect("JSON"), &mut bytes);
        bytes
    };
    assert_eq!(
        canonical(r#"{"a":1,"b":{"c":[1,2]}}"#),
        canonical(r#"{"b":{"c":[1,2],"d":null},"a":1}"#)
    );
    assert_ne!(canonical(r#"{"a":[1,2]}"#), canonical(r#"{"a":[2,1]}"#));
    assert_ne!(canonical(r#"{"a":[1,12]}"#), canonical(r#"{"a":[11,2]}"#));
    assert_ne!(canonical(r#"{"a":"1"}"#), canonical(r#"{"a":1}"#));
    assert_ne!(
        canonical(r#"{"a":["x","y"]}"#),
        canonical(r#"{"a":["x\",\"y"]}"#)
    );
}

#[test]
fn a_fingerprint_does_not_change_between_builds() {
    assert_eq!(
        fingerprint(&of(&check_in("cough", &["fever"]))).expect("hashes"),
        GOLDEN
    );
}

/// Changing this makes repetitions across a roll-out look like other requests.
const GOLDEN: &str = "310bc9dadba2e682e03e5c2bed15d9effdd19d920ff4d3218b5de33f1fd09678";
