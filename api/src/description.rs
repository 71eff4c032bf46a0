//! The API's description: every operation, and the OpenAPI document that is served and committed.

use crate::live::routes::LiveApi;
use crate::read::{READS, Reads};
use crate::routes;
use poem_openapi::OpenApiService;
use serde_json::{Value, json};

/// All operations, in the order of the document.
type Operations = (
    routes::auth::AuthApi,
    routes::checkin::CheckInApi,
    routes::visits::findings::FindingsApi,
    routes::visits::calling::CallingApi,
    routes::visits::care::CareApi,
    routes::visits::moving::MovingApi,
    routes::commands::CommandsApi,
    routes::departments::DepartmentsApi,
    routes::rooms::RoomsApi,
    routes::doctors::DoctorsApi,
    routes::facilities::FacilitiesApi,
    Reads,
    LiveApi,
    routes::health::HealthApi,
);

/// All operations, to be mounted.
pub fn service() -> OpenApiService<Operations, ()> {
    let operations = (
        routes::auth::AuthApi,
        routes::checkin::CheckInApi,
        routes::visits::findings::FindingsApi,
        routes::visits::calling::CallingApi,
        routes::visits::care::CareApi,
        routes::visits::moving::MovingApi,
        routes::commands::CommandsApi,
        routes::departments::DepartmentsApi,
        routes::rooms::RoomsApi,
        routes::doctors::DoctorsApi,
        routes::facilities::FacilitiesApi,
        READS,
        LiveApi,
        routes::health::HealthApi,
    );
    OpenApiService::new(operations, "MediQue", env!("CARGO_PKG_VERSION")).summary(
        "Hospital queues: commands are accepted at once and applied exactly once; every error is a \
         problem (RFC 9457) whose `type` explains it.",
    )
}

/// The OpenAPI document, pretty-printed.
pub fn document(public_url: Option<&str>) -> String {
    let mut document: Value = serde_json::from_str(&service().spec()).unwrap_or_default();
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

/// The generator writes header names in capitals; the documentation shows them as people do.
fn name_headers(operation: &mut Value) {
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
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
