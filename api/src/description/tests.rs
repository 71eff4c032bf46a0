use super::*;
use std::collections::BTreeSet;

/// Operations that anybody may call.
const OPEN: &[&str] = &[
    "POST /api/v1/auth/invitations/accept",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/login/second-factor",
    "POST /api/v1/auth/login/second-factor/enrol",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/judge",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/checkin",
    "POST /api/v1/checkin/scan",
    "GET /.well-known/jwks.json",
    "POST /api/v1/checkin/tickets",
    "GET /api/v1/setup",
    "GET /api/v1/triage/questions",
    "GET /api/health",
    "GET /health/live",
    "GET /health/ready",
    "GET /health/startup",
];

fn parsed() -> Value {
    serde_json::from_str(&document(None)).expect("JSON")
}

/// Method and path, and the operation itself.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, operations)| {
            let operations = operations.as_object().expect("operations");
            operations.iter().map(move |(method, operation)| {
                (format!("{} {path}", method.to_uppercase()), operation)
            })
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_served_one() {
    let committed = include_str!("../../openapi.json");
    if document(None) == committed {
        return;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of this test, not configuration"
    )]
    let update = std::env::var_os("MEDIQUE_UPDATE_OPENAPI").is_some();
    if update {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        std::fs::write(path, document(None)).expect("writes");
        return;
    }
    panic!(
        "api/openapi.json is out of date; update it with\n  \
         MEDIQUE_UPDATE_OPENAPI=1 cargo test -p medique-api --lib committed_document"
    );
}

#[test]
fn every_operation_asks_for_a_credential_unless_it_is_open_to_all() {
    let document = parsed();
    let open: BTreeSet<_> = operations(&document)
        .into_iter()
        .filter(|(_, operation)| operation["security"].as_array().is_none_or(Vec::is_empty))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(open, OPEN.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn every_operation_documents_its_errors() {
    for (name, operation) in operations(&parsed()) {
        let answers = operation["responses"].as_object().expect("responses");
        for status in [
            "400", "401", "403", "404", "409", "413", "415", "422", "503",
        ] {
            let schema = &answers[status]["content"]["application/problem+json"]["schema"];
            assert_eq!(
                schema["$ref"], "#/components/schemas/Problem",
                "{name} {status}"
            );
        }
    }
}

#[test]
fn every_command_takes_an_idempotency_key_and_every_text_is_there() {
    for (name, operation) in operations(&parsed()) {
        assert!(operation["summary"].is_string(), "{name} has no summary");
        assert!(operation["operationId"].is_string(), "{name} has no id");
        // null is no list: readers that hold the document against its schema refuse the operation
        let parameters = operation.get("parameters");
        assert!(parameters.is_none_or(serde_json::Value::is_array), "{name}");
        let changes = name.starts_with("POST") || name.starts_with("PUT");
        let is_exchange = name.ends_with("/auth/refresh");
        let is_identity = name.contains("/auth/") || name.contains("/staff/");
        let is_question = name.ends_with("/admin/insights");
        let is_command = changes
            && !is_identity
            && !is_question
            && !name.ends_with("/links")
            && !name.contains("dead-letters");
        let keys = operation["parameters"].as_array().into_iter().flatten();
        let has_key = keys
            .into_iter()
            .any(|parameter| parameter["name"] == "Idempotency-Key");
        assert_eq!(has_key, is_command || is_exchange, "{name}");
    }
}

#[test]
fn no_operation_is_left_out_or_named_twice() {
    let document = parsed();
    let operations = operations(&document);
    let made = service().spec().matches("\"operationId\"").count();
    assert_eq!(operations.len(), made);
    let names: BTreeSet<_> = operations
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str())
        .collect();
    assert_eq!(names.len(), made);
}
