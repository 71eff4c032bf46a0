//! The outermost layer of every request: trace context, span, panic catcher, and the one place
//! where an error becomes an answer.

use crate::client::TrustedProxies;
use crate::problem::foreign::problem_of;
use crate::problem::{ApiCode, Problem};
use futures::FutureExt;
use medique_platform::trace_context::TraceContext;
use poem::http::HeaderValue;
use poem::http::header::{ALLOW, CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use poem::{Endpoint, IntoResponse, PathPattern, Request, Response};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::{Instrument, Span, field};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Wraps the whole application.
pub struct Edge<E> {
    inner: E,
    /// Methods that a route knows, by its pattern.
    methods: HashMap<String, HeaderValue>,
    /// Whose word about the client's address is taken.
    proxies: TrustedProxies,
}

impl<E> Edge<E> {
    /// Wraps `inner`; `methods` names the methods of each route by its pattern, for 405 answers.
    pub fn new(inner: E, methods: HashMap<String, HeaderValue>, proxies: TrustedProxies) -> Self {
        Self {
            inner,
            methods,
            proxies,
        }
    }

    /// The answer to a failed request. A refused method comes with those that are not refused.
    fn refuse(&self, error: poem::Error, route: Option<&PathPattern>, trace_id: &str) -> Response {
        let problem = problem_of(error);
        let mut response = problem.render(trace_id);
        if problem.code() == ApiCode::MethodNotAllowed.into()
            && let Some(methods) = route.and_then(|pattern| self.methods.get(&*pattern.0))
        {
            response.headers_mut().insert(ALLOW, methods.clone());
        }
        response
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let trace = continue_trace(&request);
        let trace_id = trace.trace_id();
        request.set_data(trace);
        request.set_data(self.proxies.client(&request));
        let span = tracing::info_span!(
            "request",
            method = %request.method(),
            route = field::Empty,
            status = field::Empty,
            duration_ms = field::Empty,
            trace_id,
        );
        let handled = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let (mut response, route) = match handled.instrument(span.clone()).await {
            Ok(Ok(answer)) => {
                let response = answer.into_response();
                let route = response.data::<PathPattern>().cloned();
                (response, route)
            }
            Ok(Err(error)) => {
                let route = error.data::<PathPattern>().cloned();
                let response = span.in_scope(|| self.refuse(error, route.as_ref(), &trace_id));
                (response, route)
            }
            Err(_) => {
                span.in_scope(|| tracing::error!("a request handler panicked"));
                (Problem::new(ApiCode::InternalError).render(&trace_id), None)
            }
        };
        mark(&mut response, &trace);
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

/// Headers of every answer. Most hold what is not everybody's: nothing is to be kept by caches
/// unless a route says otherwise.
fn mark(response: &mut Response, trace: &TraceContext) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&trace.traceparent()) {
        headers.insert(TRACEPARENT, value);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Closes the span's fields. The path itself is not recorded, only its pattern: paths hold ids, and
/// strangers put anything into them.
fn finish(span: &Span, response: &Response, route: Option<PathPattern>, started: Instant) {
    let status = response.status();
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    let route = route.as_ref().map_or("", |pattern| &pattern.0);
    span.record("route", if route.is_empty() { "unmatched" } else { route });
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

#[cfg(test)]
mod tests;
