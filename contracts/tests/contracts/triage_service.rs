//! The contract of an adviser: the committed document is that of the types, and the types keep to
//! it in both directions.

use crate::{UPDATE, update_wanted};
use medique_contracts::triage_service::{
    AgeBand, Case, REPORT_PATH, ReportAnswer, ReportRequest, SUGGEST_PATH, SuggestAnswer,
    SuggestRequest, openapi,
};
use medique_contracts::vocabulary::Sex;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("triage-service.openapi.json")
}

fn committed() -> Value {
    serde_json::from_str(&fs::read_to_string(path()).unwrap_or_default()).unwrap_or_default()
}

/// The members of an object schema of the document, and those that are required.
fn members(document: &Value, name: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = &document["components"]["schemas"][name];
    assert_eq!(schema["additionalProperties"], false, "{name} is open");
    let all = schema["properties"].as_object().unwrap().keys().cloned();
    let required = schema["required"].as_array().into_iter().flatten();
    let required = required.map(|name| name.as_str().unwrap().to_owned());
    (all.collect(), required.collect())
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_committed_document_is_that_of_the_types() {
    if update_wanted() {
        let mut text = serde_json::to_string_pretty(&openapi()).unwrap();
        text.push('\n');
        fs::write(path(), text).unwrap();
    }
    assert!(
        committed() == openapi(),
        "contracts/triage-service.openapi.json is out of date; update with\n    {UPDATE}"
    );
}

#[test]
fn what_we_send_and_take_is_what_the_document_says() {
    let document = committed();
    let request = serde_json::to_value(SuggestRequest {
        case: Case {
            age_band: Some(AgeBand::Adult),
            sex: Some(Sex::Female),
            complaint: "cough".to_owned(),
            symptoms: vec!["fever".to_owned()],
            vitals: None,
        },
    })
    .unwrap();
    let report = serde_json::to_value(ReportRequest {
        statistics: json!({}),
    })
    .unwrap();
    for (name, sent) in [
        ("SuggestRequest", &request),
        ("Case", &request["case"]),
        ("ReportRequest", &report),
    ] {
        assert_eq!(members(&document, name).0, names(sent), "{name}");
    }
    let answer = json!({ "level": 3, "confidence": 0.5, "reasons": ["a"], "questions": ["b"] });
    let text = json!({ "text": "quiet" });
    serde_json::from_value::<SuggestAnswer>(answer.clone()).unwrap();
    serde_json::from_value::<ReportAnswer>(text.clone()).unwrap();
    for (name, taken) in [("SuggestAnswer", answer), ("ReportAnswer", text)] {
        let (all, required) = members(&document, name);
        assert_eq!(
            (&all, &required),
            (&names(&taken), &names(&taken)),
            "{name}"
        );
    }
    for path in [SUGGEST_PATH, REPORT_PATH] {
        assert!(document["paths"][path]["post"].is_object(), "{path}");
    }
}

#[test]
fn an_answer_with_more_or_less_is_none() {
    let good = json!({ "level": 3, "confidence": 0.5, "reasons": [], "questions": [] });
    for name in ["level", "confidence", "reasons", "questions"] {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(name);
        assert!(serde_json::from_value::<SuggestAnswer>(less).is_err());
    }
    let mut more = good;
    more["override_floor"] = json!(true);
    assert!(serde_json::from_value::<SuggestAnswer>(more).is_err());
}

/// Nothing that tells who somebody is has a member to travel in.
#[test]
fn only_what_is_listed_may_leave() {
    let (all, _) = members(&committed(), "Case");
    let listed = ["age_band", "complaint", "sex", "symptoms", "vitals"];
    assert_eq!(all, listed.map(str::to_owned).into());
}
