//! Is it alive, has it started, may it be sent requests? Strangers learn one word.

use super::Group;
use crate::app::Shared;
use crate::problem::{ApiCode, Problem};
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

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

fn ready(app: &Shared) -> Result<Json<HealthAnswer>, Problem> {
    if app.is_ready() {
        Ok(word("ready"))
    } else {
        Err(Problem::new(ApiCode::NotReady).retry_after(1))
    }
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
    /// Ready means that NATS is connected, its streams are as this build declares them, it writes
    /// to disk as policy asks, and the replica is not ending. Postgres is not asked: with it away,
    /// check-ins and calls are still accepted, and taking every replica out would refuse those too.
    #[oai(path = "/health/ready", method = "get", operation_id = "health_ready")]
    async fn ready(&self, Data(app): Data<&Shared>) -> Result<Json<HealthAnswer>, Problem> {
        ready(app)
    }

    /// Has the replica been ready once?
    #[oai(
        path = "/health/startup",
        method = "get",
        operation_id = "health_startup"
    )]
    async fn startup(&self, Data(app): Data<&Shared>) -> Result<Json<HealthAnswer>, Problem> {
        if app.has_started() {
            return Ok(word("started"));
        }
        Err(Problem::new(ApiCode::NotReady).retry_after(1))
    }

    /// The same as `/health/ready`
    #[oai(path = "/api/health", method = "get", operation_id = "health")]
    async fn health(&self, Data(app): Data<&Shared>) -> Result<Json<HealthAnswer>, Problem> {
        ready(app)
    }
}
