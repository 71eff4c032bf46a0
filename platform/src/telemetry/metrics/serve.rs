//! The Prometheus endpoint: a port of its own, served by the telemetry's own thread, so that it
//! answers however busy the service is, and costs the service nothing.

use super::Collector;
use super::prometheus::{CONTENT_TYPE, render};
use crate::tls::Acceptor;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE as CONTENT_TYPE_HEADER, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Askers at a time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 16;
/// How long one may take over the whole of its question and answer.
const CONNECTION_MAX: Duration = Duration::from_secs(10);
/// Pause after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, tls: Acceptor, collector: Collector) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, most likely: a pause instead of a spin.
                tracing::warn!(%error, "connection for metrics not accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (tls, collector) = (tls.clone(), collector.clone());
        tokio::spawn(async move {
            let _place = place;
            let answering = async {
                let Ok(stream) = tls.accept(stream).await else {
                    return;
                };
                let service =
                    service_fn(|request| std::future::ready(answer(&request, &collector)));
                let _ = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(CONNECTION_MAX)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            };
            // Whoever takes longer, or goes away, comes again.
            let _ = tokio::time::timeout(CONNECTION_MAX, answering).await;
        });
    }
}

fn answer(
    request: &Request<Incoming>,
    collector: &Collector,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_known = request.method() == Method::GET && request.uri().path() == "/metrics";
    let (status, kind, text) = if is_known {
        (StatusCode::OK, CONTENT_TYPE, render(&collector.collect()))
    } else {
        let text = "GET /metrics\n".to_owned();
        (StatusCode::NOT_FOUND, "text/plain", text)
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE_HEADER, kind);
    Ok(response)
}
