//! The outermost layer of every request: where it comes from, trace context, span, panic catcher,
//! the one place where an error becomes an answer, and what every answer tells browsers.

pub(crate) mod telling;

use crate::client::TrustedProxies;
use crate::config::Config;
use crate::cors::Cors;
use crate::headers::AnswerHeaders;
use crate::limits::Standing;
use crate::problem::foreign::problem_of;
use crate::problem::{ApiCode, Problem};
use futures::FutureExt;
use medique_platform::trace_context::TraceContext;
use poem::http::HeaderValue;
use poem::http::header::ALLOW;
use poem::{Endpoint, IntoResponse, PathPattern, Request, Response};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use telling::{Matched, TRACEPARENT, Telling};
use tracing::Instrument;

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
    /// Names of routes, by their patterns, where they have better ones.
    templates: HashMap<String, Arc<str>>,
    policy: EdgePolicy,
}

impl<E> Edge<E> {
    /// Wraps `inner`; `methods` names the methods of each route by its pattern, for 405 answers.
    pub fn new(inner: E, methods: HashMap<String, HeaderValue>, policy: EdgePolicy) -> Self {
        Self {
            inner,
            methods,
            templates: HashMap::new(),
            policy,
        }
    }

    /// Names the routes for whoever is told of requests.
    #[must_use]
    pub fn naming(mut self, templates: HashMap<String, Arc<str>>) -> Self {
        self.templates = templates;
        self
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
        let origin = self.policy.cors.allowed(&request);
        if let Some(mut response) = self.policy.cors.preflight(&request) {
            self.mark(&mut response, &TraceContext::new_root(), origin);
            return Ok(response);
        }
        let (telling, trace) = Telling::of(&mut request);
        let trace_id = trace.trace_id();
        request.set_data(self.policy.proxies.client(&request));
        let lines = telling.lines.clone();
        let handled = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let (mut response, matched) = match handled.instrument(lines.clone()).await {
            Ok(Ok(answer)) => {
                let response = answer.into_response();
                let matched = Matched::by_answer(&response);
                (response, matched)
            }
            Ok(Err(error)) => {
                let matched = Matched::by_error(&error);
                let route = matched.route.as_ref();
                let response = lines.in_scope(|| self.refuse(error, route, &trace_id));
                (response, matched)
            }
            Err(_) => {
                lines.in_scope(|| tracing::error!("a request handler panicked"));
                let response = Problem::new(ApiCode::InternalError).render(&trace_id);
                (response, Matched::default())
            }
        };
        self.mark(&mut response, &trace, origin);
        telling.end(&response, matched, &self.templates);
        Ok(response)
    }
}

#[cfg(test)]
mod tests;
