//! The outermost layer of every request: where it comes from, trace context, span, panic catcher,
//! the one place where an error becomes an answer, and what every answer tells browsers.

use crate::client::TrustedProxies;
use crate::config::Config;
use crate::cors::Cors;
use crate::headers::AnswerHeaders;
use crate::limits::Standing;
use crate::problem::foreign::problem_of;
use crate::problem::{ApiCode, Problem};
use futures::FutureExt;
use medique_platform::trace_context::TraceContext;
use poem::http::header::{ALLOW, HeaderName};
use poem::http::{HeaderValue, StatusCode};
use poem::{Endpoint, IntoResponse, PathPattern, Request, Response};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::{Instrument, Span, field};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What the edge does the same way for all routes.
#[derive(Debug, Clone)]
pub struct EdgePolicy {
    /// Whose word about the client's address is taken.
    pub proxies: TrustedProxies,
    /// Which other origins may read answers.
    pub cors: Cors,
    /// What every answer says.
    pub headers: AnswerHeaders,
}

impl EdgePolicy {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        Self {
            proxies: config.proxies.clone(),
            cors: config.cors.clone(),
            headers: AnswerHeaders::new(config.public_url.as_deref()),
        }
    }
}

/// Wraps the whole application.
pub struct Edge<E> {
    inner: E,
    /// Methods that a route knows, by its pattern.
    methods: HashMap<String, HeaderValue>,
    policy: EdgePolicy,
}

impl<E> Edge<E> {
    /// Wraps `inner`; `methods` names the methods of each route by its pattern, for 405 answers.
    pub fn new(inner: E, methods: HashMap<String, HeaderValue>, policy: EdgePolicy) -> Self {
        Self {
            inner,
            methods,
            policy,
        }
    }

    /// The answer to a failed request. A refused method comes with those that are not refused.
    fn refuse(&self, error: poem::Error, route: Option<&PathPattern>, trace_id: &str) -> Response {
        let standing = error.data::<Standing>().cloned();
        let problem = problem_of(error);
        let mut response = problem.render(trace_id);
        if let Some(standing) = standing {
            standing.mark(response.headers_mut());
        }
        if problem.code() == ApiCode::MethodNotAllowed.into()
            && let Some(methods) = route.and_then(|pattern| self.methods.get(&*pattern.0))
        {
            response.headers_mut().insert(ALLOW, methods.clone());
        }
        response
    }

    /// Headers of every answer.
    fn mark(&self, response: &mut Response, trace: &TraceContext, origin: Option<HeaderValue>) {
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&trace.traceparent()) {
            headers.insert(TRACEPARENT, value);
        }
        self.policy.headers.mark(headers);
        self.policy.cors.mark(origin, headers);
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let trace = continue_trace(&request);
        let trace_id = trace.trace_id();
        request.set_data(trace);
        request.set_data(self.policy.proxies.client(&request));
        let origin = self.policy.cors.allowed(&request);
        let span = tracing::info_span!(
            "request",
            method = %request.method(),
            route = field::Empty,
            status = field::Empty,
            duration_ms = field::Empty,
            trace_id,
            actor = field::Empty,
        );
        if let Some(mut response) = self.policy.cors.preflight(&request) {
            self.mark(&mut response, &trace, origin);
            return Ok(response);
        }
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
        self.mark(&mut response, &trace, origin);
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
    let route = route.as_ref().map_or("", |pattern| &pattern.0);
    span.record("route", if route.is_empty() { "unmatched" } else { route });
    span.record("status", status.as_u16());
    span.record("duration_ms", duration_ms);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!("request failed");
        } else if is_worth_a_line(status) {
            tracing::info!("request refused");
        } else {
            tracing::debug!("request answered");
        }
    });
}

/// Whether somebody asked for what is not theirs, or sent what no client of ours sends. What was
/// refused for its rate is left out: this bounds the lines that a stranger can cause.
fn is_worth_a_line(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 401 | 403 | 404 | 405 | 413 | 415)
}

#[cfg(test)]
mod tests;
