use super::*;
use crate::schema::Word;
use medique_contracts::vocabulary::Sex;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only reading is tested")]
struct Inner {
    name: String,
    age: Option<u16>,
    sex: Option<Word<Sex>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only reading is tested")]
struct Outer {
    patient: Inner,
    #[serde(default)]
    list: Vec<Inner>,
}

fn refused(body: &str) -> FieldProblem {
    let problem = parse::<Outer>(body.as_bytes()).expect_err(body);
    problem.body("").errors.expect("errors").remove(0)
}

#[test]
fn what_is_wrong_is_pointed_to_and_not_quoted() {
    for (body, pointer, detail) in [
        (r#"{"patient":{}}"#, "/patient/name", "is required"),
        (r#"{}"#, "/patient", "is required"),
        (
            r#"{"patient":{"name":"A","age":"old"}}"#,
            "/patient/age",
            "must be a whole number in range",
        ),
        (
            r#"{"patient":{"name":"A","age":-1}}"#,
            "/patient/age",
            "must be a whole number in range",
        ),
        (
            r#"{"patient":{"name":"A","x":1}}"#,
            "/patient/x",
            "is not a field of this request",
        ),
        (
            r#"{"patient":{"name":"A","name":"B"}}"#,
            "/patient/name",
            "stands twice",
        ),
        (
            r#"{"patient":{"name":"A","sex":"no"}}"#,
            "/patient/sex",
            "must be one of FEMALE, MALE, OTHER, UNKNOWN",
        ),
        (
            r#"{"patient":{"name":"A"},"list":[{"name":"B"},{"name":7}]}"#,
            "/list/1/name",
            "must be a string",
        ),
        (
            r#"{"patient":{"name":"A"}} x"#,
            "",
            "there is text after the JSON value",
        ),
        ("", "", "is not JSON"),
        ("{\"patient\":", "/patient", "is not JSON"),
    ] {
        let problem = refused(body);
        assert_eq!(
            (problem.pointer.as_str(), problem.detail.as_str()),
            (pointer, detail),
            "{body}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let body = "[".repeat(100_000);
    assert!(parse::<Outer>(body.as_bytes()).is_err());
    assert!(parse::<serde_json::Value>(body.as_bytes()).is_err());
}

#[test]
fn json_is_known_by_its_media_type() {
    for yes in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/merge-patch+json",
    ] {
        assert!(is_json(yes), "{yes}");
    }
    for no in [
        "",
        "text/json",
        "application/xml",
        "application/jsonp",
        "multipart/form-data",
    ] {
        assert!(!is_json(no), "{no}");
    }
}
