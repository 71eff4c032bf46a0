//! Is it alive, has it started, may it be sent requests? Strangers learn one word; operators learn
//! how the parts stand.

use super::Group;
use crate::app::Shared;
use crate::problem::{ApiCode, Problem};
use medique_platform::ai;
use medique_platform::health::Dependencies;
use poem::http::header::{AUTHORIZATION, CACHE_CONTROL};
use poem::web::Data;
use poem::{IntoResponse, Request, Response, handler};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{Object, OpenApi};
use serde_json::json;

/// One word.
#[derive(Object)]
pub struct HealthAnswer {
    /// `alive`, `started` or `ready`.
    status: String,
}

fn word(status: &str) -> Json<HealthAnswer> {
    Json(HealthAnswer {
        status: status.to_owned(),
    })
}

fn not_ready() -> Problem {
    Problem::new(ApiCode::NotReady).retry_after(1)
}

/// Health of this replica.
pub struct HealthApi;

#[OpenApi(tag = "Group::Health")]
impl HealthApi {
    /// Is the process alive?
    ///
    /// Asks nothing else, so that a restart never follows from a dependency that is away.
    #[oai(path = "/health/live", method = "get", operation_id = "health_live")]
    async fn live(&self) -> Result<Json<HealthAnswer>, Problem> {
        Ok(word("alive"))
    }

    /// May the replica be sent requests?
    ///
    /// Ready means that it has started, NATS is connected and writes to disk as policy asks, and the
    /// replica is not ending. Postgres is not asked again: with it away, check-ins and calls are
    /// still accepted, and taking every replica out would refuse those too.
    #[oai(path = "/health/ready", method = "get", operation_id = "health_ready")]
    async fn ready(&self, Data(app): Data<&Shared>) -> Result<Json<HealthAnswer>, Problem> {
        match app.is_ready() {
            true => Ok(word("ready")),
            false => Err(not_ready()),
        }
    }

    /// Has the replica started?
    ///
    /// The streams have been found as this build declares them, and the database with every
    /// migration that this build knows.
    #[oai(
        path = "/health/startup",
        method = "get",
        operation_id = "health_startup"
    )]
    async fn startup(&self, Data(app): Data<&Shared>) -> Result<Json<HealthAnswer>, Problem> {
        match app.has_started() {
            true => Ok(word("started")),
            false => Err(not_ready()),
        }
    }

    /// The same as `/health/ready`, for uptime monitors
    ///
    /// A status and a word, or a problem; without a credential and never limited.
    #[oai(path = "/api/health", method = "get", operation_id = "health")]
    async fn health(&self, Data(app): Data<&Shared>) -> Result<PlainText<String>, Problem> {
        match app.is_ready() {
            true => Ok(PlainText("ok".to_owned())),
            false => Err(not_ready()),
        }
    }
}

/// `GET /health/detail`, for who shows `MEDIQUE_OPERATOR_TOKEN`. Not part of the API description: it
/// tells of this process, not of the hospital.
#[handler]
pub async fn detail(request: &Request, Data(app): Data<&Shared>) -> poem::Result<Response> {
    let header = request.headers().get(AUTHORIZATION);
    let shown = header.and_then(|value| value.to_str().ok());
    if !app.config.operator.opens(shown) {
        return Err(Problem::new(ApiCode::Unauthenticated).into());
    }
    let why_not_ready = app.why_not_ready();
    let body = json!({
        "service": "medique-api",
        "name": app.presence.name(),
        "version": app.presence.version(),
        "started_at": app.presence.started_at(),
        "ready": why_not_ready.is_empty(),
        "why_not_ready": why_not_ready,
        "started": app.has_started(),
        "draining": app.lifecycle.is_draining(),
        "dependencies": Dependencies::look(&app.pool, &app.bus).await,
        "adviser": app.adviser.as_ref().map(ai::Client::status),
    });
    let mut response = poem::web::Json(body).into_response();
    response.headers_mut().insert(
        CACHE_CONTROL,
        poem::http::HeaderValue::from_static("no-store"),
    );
    Ok(response)
}
