//! What tests and people tell the service and ask it.

use crate::store::Store;
use crate::wire::{Request, Response};

/// Answers a request that is no question.
pub(crate) fn answer(request: &Request, store: &Store) -> Response {
    if !is_local(request) {
        return Response::json(421, r#"{"error":"not here"}"#.to_owned());
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/") => Response::json(200, r#"{"service":"triage-sim"}"#.to_owned()),
        ("GET", "/stats") => json_of(&store.stats()),
        ("GET", "/requests") => json_of(&store.requests()),
        ("DELETE", "/requests") => {
            store.forget();
            Response::json(200, "{}".to_owned())
        }
        ("PUT", "/behaviour") => match serde_json::from_str(&request.body) {
            Ok(behaviour) => {
                store.behave(behaviour);
                Response::json(200, "{}".to_owned())
            }
            Err(error) => json_with_status(400, &error.to_string()),
        },
        _ => json_with_status(404, "not found"),
    }
}

/// A page from elsewhere that resolves its own name to this machine must not read what came.
fn is_local(request: &Request) -> bool {
    let host = request.headers.get("host").map(String::as_str);
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    matches!(name, Some("127.0.0.1" | "localhost"))
}

fn json_of<T: serde::Serialize>(value: &T) -> Response {
    match serde_json::to_string(value) {
        Ok(json) => Response::json(200, json),
        Err(error) => json_with_status(500, &error.to_string()),
    }
}

fn json_with_status(status: u16, error: &str) -> Response {
    Response::json(status, serde_json::json!({ "error": error }).to_string())
}
