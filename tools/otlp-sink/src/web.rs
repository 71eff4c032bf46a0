//! The server: OTLP's three addresses, Sentry's one, and how it is to behave.

use crate::decode;
use crate::store::Store;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::cell::Cell;
use std::convert::Infallible;
use std::io::Read as _;
use std::rc::Rc;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

/// Largest request.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// How requests are treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Behaviour {
    #[default]
    Well,
    /// They are read and never answered.
    Hang,
    /// They are answered with 503.
    Refuse,
}

#[derive(Clone)]
struct Sink {
    store: Store,
    behaviour: Rc<Cell<Behaviour>>,
}

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, store: Store) -> anyhow::Result<()> {
    let sink = Sink {
        store,
        behaviour: Rc::default(),
    };
    LocalSet::new()
        .run_until(async {
            loop {
                let (stream, _) = listener.accept().await?;
                let sink = sink.clone();
                tokio::task::spawn_local(async move {
                    let service = service_fn(move |request| {
                        let sink = sink.clone();
                        async move { Ok::<_, Infallible>(sink.answer(request).await) }
                    });
                    // A client that goes away is its own affair.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        })
        .await
}

impl Sink {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let coding = request.headers().get(CONTENT_ENCODING).cloned();
        if method == Method::GET && path == "/ready" {
            return empty(StatusCode::NO_CONTENT);
        }
        let Ok(body) = Limited::new(request.into_body(), BODY_MAX).collect().await else {
            return empty(StatusCode::BAD_REQUEST);
        };
        let body = body.to_bytes();
        if method == Method::PUT && path == "/behaviour" {
            return self.behave(&body);
        }
        match self.behaviour.get() {
            Behaviour::Well => {}
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Refuse => return empty(StatusCode::SERVICE_UNAVAILABLE),
        }
        let Some(body) = plain(coding.as_ref(), body) else {
            return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        };
        empty(self.keep(&path, &body))
    }

    fn behave(&self, body: &[u8]) -> Response<Full<Bytes>> {
        let behaviour = match body {
            b"well" => Behaviour::Well,
            b"hang" => Behaviour::Hang,
            b"refuse" => Behaviour::Refuse,
            _ => return empty(StatusCode::BAD_REQUEST),
        };
        self.behaviour.set(behaviour);
        empty(StatusCode::NO_CONTENT)
    }

    fn keep(&self, path: &str, body: &[u8]) -> StatusCode {
        let (file, objects) = match path {
            "/v1/traces" => ("spans.jsonl", decode::spans(body)),
            "/v1/logs" => ("logs.jsonl", decode::logs(body)),
            "/v1/metrics" => ("metrics.jsonl", decode::metrics(body)),
            _ if path.ends_with("/envelope/") => ("reports.jsonl", Some(report(body))),
            _ => return StatusCode::NOT_FOUND,
        };
        let Some(objects) = objects else {
            return StatusCode::BAD_REQUEST;
        };
        match self.store.append(file, &objects) {
            Ok(()) => StatusCode::OK,
            Err(error) => {
                eprintln!("{file}: {error}");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

/// What was sent, whatever it was packed in.
fn plain(coding: Option<&HeaderValue>, body: Bytes) -> Option<Bytes> {
    match coding.map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Some(body),
        Some(b"gzip") => {
            let mut unpacked = Vec::new();
            let most = BODY_MAX as u64;
            let mut reader = GzDecoder::new(&*body).take(most);
            reader.read_to_end(&mut unpacked).ok()?;
            Some(unpacked.into())
        }
        Some(_) => None,
    }
}

/// The lines of an envelope, as they came.
fn report(body: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(body);
    let lines: Vec<_> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line)))
        .collect();
    vec![json!({ "envelope": lines })]
}

/// OTLP's full success is an empty message.
fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
