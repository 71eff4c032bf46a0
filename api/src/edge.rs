//! The outermost layer of every request: trace context, span, panic catcher, and the one place
//! where an error becomes an answer.

use crate::problem::foreign::problem_of;
use crate::problem::{ApiCode, Problem};
use futures::FutureExt;
use medique_platform::trace_context::TraceContext;
use poem::http::HeaderValue;
use poem::http::header::HeaderName;
use poem::{Endpoint, IntoResponse, PathPattern, Request, Response};
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::{Instrument, Span, field};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Wraps the whole application.
pub struct Edge<E>(pub E);

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let trace = continue_trace(&request);
        let trace_id = trace.trace_id();
        request.set_data(trace);
        let span = tracing::info_span!(
            "request",
            method = %request.method(),
            route = field::Empty,
            status = field::Empty,
            duration_ms = field::Empty,
            trace_id,
        );
        let handled = AssertUnwindSafe(self.0.call(request)).catch_unwind();
        let (mut response, route) = match handled.instrument(span.clone()).await {
            Ok(Ok(answer)) => {
                let response = answer.into_response();
                let route = response.data::<PathPattern>().cloned();
                (response, route)
            }
            Ok(Err(error)) => {
                let route = error.data::<PathPattern>().cloned();
                let problem = span.in_scope(|| problem_of(error));
                (problem.render(&trace_id), route)
            }
            Err(_) => {
                span.in_scope(|| tracing::error!("a request handler panicked"));
                (Problem::new(ApiCode::InternalError).render(&trace_id), None)
            }
        };
        if let Ok(value) = HeaderValue::from_str(&trace.traceparent()) {
            response.headers_mut().insert(TRACEPARENT, value);
        }
        finish(&span, &response, route, started);
        Ok(response)
    }
}

fn continue_trace(request: &Request) -> TraceContext {
    let caller = request
        .headers()
        .get(TRACEPARENT)
        .and_then(|value| value.to_str().ok());
    caller
        .and_then(TraceContext::parse)
        .map_or_else(TraceContext::new_root, |trace| trace.child())
}

/// Closes the span's fields. The path itself is not recorded, only its pattern: paths hold ids, and
/// strangers put anything into them.
fn finish(span: &Span, response: &Response, route: Option<PathPattern>, started: Instant) {
    let status = response.status();
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    span.record(
        "route",
        route.as_ref().map_or("unmatched", |pattern| &pattern.0),
    );
    span.record("status", status.as_u16());
    span.record("duration_ms", duration_ms);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!("request failed");
        } else {
            tracing::debug!("request answered");
        }
    });
}
