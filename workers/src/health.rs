//! Health of a worker over HTTP: `/health/live`, `/health/ready`, `/health/startup`, and for who shows
//! `MEDIQUE_OPERATOR_TOKEN` also `/health/detail`.

use crate::config::Roles;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use medique_platform::ai;
use medique_platform::bus::Bus;
use medique_platform::health::{Dependencies, OperatorToken, Presence};
use medique_platform::lifecycle::Lifecycle;
use medique_platform::tls::Acceptor;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What readiness asks.
#[derive(Debug)]
pub struct Health {
    /// The process, as it tells of itself.
    pub presence: Presence,
    /// What the worker does.
    pub roles: Roles,
    /// Database.
    pub pool: PgPool,
    /// Broker.
    pub bus: Bus,
    /// The adviser, when this worker asks one.
    pub adviser: Option<ai::Client>,
    /// How the process ends.
    pub lifecycle: Lifecycle,
    /// Whether the streams and the schema have been found as this build needs them.
    pub started: AtomicBool,
    /// Whether the broker's log is the one that the database knows; without it nothing is done.
    pub log_fits: AtomicBool,
    /// Who may read how the parts stand.
    pub operator: OperatorToken,
}

impl Health {
    /// Whether the worker can do its work now.
    pub async fn ready(&self) -> bool {
        if !self.has_started()
            || !self.log_fits.load(Ordering::Relaxed)
            || self.lifecycle.is_draining()
            || !self.bus.is_connected()
        {
            return false;
        }
        let asked = sqlx::query("SELECT 1").execute(&self.pool);
        matches!(
            tokio::time::timeout(Duration::from_secs(2), asked).await,
            Ok(Ok(_))
        )
    }

    fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// The answer to a path, and to what its `Authorization` header shows.
    async fn answer(&self, path: &str, shown: Option<&str>) -> (StatusCode, Value) {
        let (unavailable, word) = (
            StatusCode::SERVICE_UNAVAILABLE,
            |word| json!({ "status": word }),
        );
        match path {
            "/health/live" => (StatusCode::OK, word("alive")),
            "/health/startup" if self.has_started() => (StatusCode::OK, word("started")),
            "/health/startup" => (unavailable, word("not_started")),
            "/health/ready" if self.ready().await => (StatusCode::OK, word("ready")),
            "/health/ready" => (unavailable, word("not_ready")),
            "/health/detail" if self.operator.opens(shown) => (StatusCode::OK, self.detail().await),
            "/health/detail" => (StatusCode::UNAUTHORIZED, word("unauthenticated")),
            _ => (StatusCode::NOT_FOUND, word("not_found")),
        }
    }

    /// How the parts stand. An adviser that is away makes no worker unready: nothing waits for it.
    async fn detail(&self) -> Value {
        json!({
            "service": "medique-worker",
            "name": self.presence.name(),
            "version": self.presence.version(),
            "started_at": self.presence.started_at(),
            "role": self.roles.as_str(),
            "ready": self.ready().await,
            "started": self.has_started(),
            "log_fits": self.log_fits.load(Ordering::Relaxed),
            "draining": self.lifecycle.is_draining(),
            "dependencies": Dependencies::look(&self.pool, &self.bus).await,
            "adviser": self.adviser.as_ref().map(ai::Client::status),
        })
    }
}

/// Serves until `stop`.
pub async fn serve(
    listener: TcpListener,
    tls: Acceptor,
    health: Arc<Health>,
    stop: CancellationToken,
) {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors, most likely: a pause instead of a spin.
                    tracing::warn!(%error, "health connection not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let (tls, health) = (tls.clone(), Arc::clone(&health));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let service = service_fn(move |request: Request<Incoming>| {
                let health = Arc::clone(&health);
                async move {
                    let header = request.headers().get(hyper::header::AUTHORIZATION);
                    let shown = header.and_then(|value| value.to_str().ok());
                    let (status, body) = health.answer(request.uri().path(), shown).await;
                    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
                    *response.status_mut() = status;
                    response.headers_mut().insert(
                        hyper::header::CONTENT_TYPE,
                        hyper::header::HeaderValue::from_static("application/json"),
                    );
                    Ok::<_, Infallible>(response)
                }
            });
            // A client that goes away mid-answer is its own affair.
            let _ = http1::Builder::new()
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
