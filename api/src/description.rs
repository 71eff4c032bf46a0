//! The API's description: every operation, and the OpenAPI document that is served and committed.

mod operations;

use crate::live::routes::LiveApi;
use crate::read::{READS, Reads};
use crate::routes;
use poem::http::HeaderValue;
use poem_openapi::OpenApiService;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// All operations, in the order of the document.
type Operations = (
    routes::Identity,
    (
        routes::checkin::CheckInApi,
        routes::checkin::TicketsApi,
        routes::questions::QuestionsApi,
    ),
    routes::links::LinksApi,
    routes::visits::findings::FindingsApi,
    routes::visits::calling::CallingApi,
    routes::visits::care::CareApi,
    routes::visits::moving::MovingApi,
    (
        routes::commands::CommandsApi,
        routes::dead_letters::RedriveApi,
    ),
    routes::departments::DepartmentsApi,
    routes::rooms::RoomsApi,
    routes::doctors::DoctorsApi,
    (routes::facilities::FacilitiesApi, routes::triage::TriageApi),
    Reads,
    LiveApi,
    routes::health::HealthApi,
);

/// All operations, to be mounted.
pub fn service() -> OpenApiService<Operations, ()> {
    let operations = (
        routes::IDENTITY,
        (
            routes::checkin::CheckInApi,
            routes::checkin::TicketsApi,
            routes::questions::QuestionsApi,
        ),
        routes::links::LinksApi,
        routes::visits::findings::FindingsApi,
        routes::visits::calling::CallingApi,
        routes::visits::care::CareApi,
        routes::visits::moving::MovingApi,
        (
            routes::commands::CommandsApi,
            routes::dead_letters::RedriveApi,
        ),
        routes::departments::DepartmentsApi,
        routes::rooms::RoomsApi,
        routes::doctors::DoctorsApi,
        (routes::facilities::FacilitiesApi, routes::triage::TriageApi),
        READS,
        LiveApi,
        routes::health::HealthApi,
    );
    OpenApiService::new(operations, "MediQue", env!("CARGO_PKG_VERSION")).description(
        "Hospital queues: commands are accepted at once and applied exactly once; every error is a \
         problem (RFC 9457) whose `type` explains it.",
    )
}

/// The OpenAPI document, pretty-printed.
pub fn document(public_url: Option<&str>) -> String {
    let mut document = operations::whole(&service().spec());
    document["servers"] = json!([{ "url": public_url.unwrap_or("/") }]);
    if let Some(paths) = document["paths"].as_object_mut() {
        let operations = paths.values_mut().filter_map(Value::as_object_mut);
        operations
            .flat_map(|path| path.values_mut())
            .for_each(name_headers);
    }
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The methods of each route, by the pattern that the router knows it by.
pub fn methods() -> HashMap<String, HeaderValue> {
    let document = operations::whole(&service().spec());
    let mut methods: HashMap<String, Vec<String>> = HashMap::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        let known = operations.as_object().into_iter().flatten();
        let known = known.map(|(method, _)| method.to_uppercase());
        methods.entry(pattern(path)).or_default().extend(known);
    }
    let value = |methods: Vec<String>| HeaderValue::try_from(methods.join(", ")).ok();
    methods
        .into_iter()
        .filter_map(|(path, known)| Some((path, value(known)?)))
        .collect()
}

/// Each route as the description writes it, by the pattern that the router knows it by.
pub fn templates() -> HashMap<String, Arc<str>> {
    let document = operations::whole(&service().spec());
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .map(|(path, _)| (pattern(path), Arc::from(path.as_str())))
        .collect()
}

/// `/a/{x}/b/{y}` as the router writes it: `/a/:param0/b/:param1`.
fn pattern(path: &str) -> String {
    let mut index = 0;
    let segment = |segment: &str| {
        if !segment.starts_with('{') {
            return segment.to_owned();
        }
        index += 1;
        format!(":param{}", index - 1)
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The generator writes header names in capitals; the documentation shows them as people do.
fn name_headers(operation: &mut Value) {
    // Indexing would write a null where there are none.
    let parameters = operation.get_mut("parameters");
    for parameter in parameters
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let name = match parameter["name"].as_str() {
            Some("IDEMPOTENCY-KEY") => "Idempotency-Key",
            Some("PREFER") => "Prefer",
            Some("LAST-EVENT-ID") => "Last-Event-ID",
            _ => continue,
        };
        parameter["name"] = name.into();
    }
}

#[cfg(test)]
mod tests;
