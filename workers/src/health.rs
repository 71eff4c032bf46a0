//! Health of a worker over HTTP: `/health/live`, `/health/ready`, `/health/startup`, and for operators
//! `/health/detail`.

use crate::config::Roles;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use medique_platform::ai;
use medique_platform::bus::Bus;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What readiness asks.
#[derive(Debug, Clone)]
pub struct Health {
    /// What the worker does.
    pub roles: Roles,
    /// Database.
    pub pool: PgPool,
    /// Broker.
    pub bus: Bus,
    /// The adviser, when this worker asks one.
    pub adviser: Option<ai::Client>,
    /// Whether the broker's log is the one that the database knows; without it nothing is done.
    pub log_fits: Arc<AtomicBool>,
    /// Cancelled when the process drains.
    pub draining: CancellationToken,
}

impl Health {
    /// Whether the worker can do its work now.
    pub async fn ready(&self) -> bool {
        if self.draining.is_cancelled()
            || !self.log_fits.load(Ordering::Relaxed)
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

    async fn answer(&self, path: &str) -> (StatusCode, Value) {
        match path {
            "/health/live" => (StatusCode::OK, json!({ "status": "live" })),
            "/health/ready" | "/health/startup" => self.readiness().await,
            "/health/detail" => (StatusCode::OK, self.detail().await),
            _ => (StatusCode::NOT_FOUND, json!({ "status": "not_found" })),
        }
    }

    async fn readiness(&self) -> (StatusCode, Value) {
        if self.ready().await {
            (StatusCode::OK, json!({ "status": "ready" }))
        } else {
            let status = json!({ "status": "not_ready" });
            (StatusCode::SERVICE_UNAVAILABLE, status)
        }
    }

    /// How the parts stand. An adviser that is away makes no worker unready: nothing waits for it.
    async fn detail(&self) -> Value {
        let (_, ready) = self.readiness().await;
        json!({
            "status": ready["status"],
            "role": self.roles.as_str(),
            "broker_connected": self.bus.is_connected(),
            "log_fits": self.log_fits.load(Ordering::Relaxed),
            "draining": self.draining.is_cancelled(),
            "adviser": self.adviser.as_ref().map(ai::Client::status),
        })
    }
}

/// Serves until `stop`.
pub async fn serve(listener: TcpListener, health: Health, stop: CancellationToken) {
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
        let health = health.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let health = health.clone();
                async move {
                    let (status, body) = health.answer(request.uri().path()).await;
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

/// Asks the worker that listens on `address` whether it is ready; for container health checks.
pub async fn ask(address: std::net::SocketAddr) -> bool {
    let asking = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /health/ready HTTP/1.1\r\nhost: worker\r\nconnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200"))
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(3), asking).await,
        Ok(Ok(true))
    )
}
