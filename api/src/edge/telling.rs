//! What is told of a request: its step in the trace, its figures, and one line.

use crate::problem::Problem;
use medique_contracts::ids::{CommandId, VisitId};
use medique_platform::telemetry::metrics::catalogue::HTTP_REQUESTS;
use medique_platform::telemetry::trace::{COMMAND_ID, Span, SpanKind, VISIT_ID};
use medique_platform::trace_context::TraceContext;
use poem::http::{HeaderName, Method};
use poem::{PathPattern, Request, Response};
use poem_openapi::OperationId;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tracing::field::{self, Empty};

pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What is told of a path that no route knows. The path itself is not told, here or elsewhere: paths
/// hold ids, and strangers put anything into them.
const UNMATCHED: &str = "unmatched";

/// What a handler finds out about its request, for whoever tells of it.
#[derive(Debug, Clone, Default)]
pub struct Subject(Arc<OnceLock<(CommandId, Option<VisitId>)>>);

impl Subject {
    /// The command that it is, and the visit that the command is about.
    pub fn is(&self, command: CommandId, visit: Option<VisitId>) {
        // One request is one command.
        let _ = self.0.set((command, visit));
    }
}

/// Which operation it turned out to be.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) route: Option<PathPattern>,
    pub(super) operation: Option<&'static str>,
}

impl Matched {
    pub(super) fn by_answer(response: &Response) -> Self {
        Self {
            route: response.data::<PathPattern>().cloned(),
            operation: response.data::<OperationId>().map(|operation| operation.0),
        }
    }

    pub(super) fn by_error(error: &poem::Error) -> Self {
        Self {
            route: error.data::<PathPattern>().cloned(),
            operation: error.data::<OperationId>().map(|operation| operation.0),
        }
    }
}

/// A request from its head to the head of its answer.
pub(super) struct Telling {
    started: Instant,
    method: Method,
    path: String,
    subject: Subject,
    step: Span,
    /// What all lines of the request say.
    pub(super) lines: tracing::Span,
}

impl Telling {
    /// Continues the caller's trace, or starts one. The request carries what handlers ask for.
    pub(super) fn of(request: &mut Request) -> (Self, TraceContext) {
        let caller = caller_of(request);
        let trace = caller.map_or_else(TraceContext::new_root, |caller| caller.child());
        let mut step = Span::at(trace, caller, SpanKind::Server, "request");
        step.attribute("http.request.method", method_of(request.method()))
            .attribute("url.scheme", "http");
        let lines = tracing::info_span!(
            "request",
            method = %request.method(),
            route = Empty,
            operation = Empty,
            status = Empty,
            duration_ms = Empty,
            trace_id = trace.trace_id(),
            span_id = trace.span_id(),
            actor = Empty,
            command_id = Empty,
            visit_id = Empty,
        );
        let subject = Subject::default();
        request.set_data(trace);
        request.set_data(subject.clone());
        let telling = Self {
            started: Instant::now(),
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            subject,
            step,
            lines,
        };
        (telling, trace)
    }

    /// The head of the answer is there.
    pub(super) fn end(
        mut self,
        response: &Response,
        matched: Matched,
        templates: &HashMap<String, Arc<str>>,
    ) {
        let (status, took) = (response.status(), self.started.elapsed());
        let route: Arc<str> = match &matched.route {
            Some(pattern) if !pattern.0.is_empty() => {
                Arc::clone(templates.get(&*pattern.0).unwrap_or(&pattern.0))
            }
            _ => UNMATCHED.into(),
        };
        let operation = matched.operation.unwrap_or_default();
        let method = method_of(&self.method);
        HTTP_REQUESTS.time(
            took,
            [
                Arc::clone(&route).into(),
                method.into(),
                i64::from(status.as_u16()).into(),
                operation.into(),
            ],
        );
        let (command, visit) = match self.subject.0.get() {
            Some((command, visit)) => (Some(*command), *visit),
            None => (None, visit_in(&route, &self.path)),
        };
        self.step.rename(|| format!("{method} {route}"));
        self.step
            .attribute("http.route", Arc::clone(&route))
            .attribute("http.response.status_code", i64::from(status.as_u16()))
            .attribute("medique.operation", operation)
            .attribute_of(COMMAND_ID, command)
            .attribute_of(VISIT_ID, visit);
        if status.is_server_error() {
            self.step.fail(status.as_str().to_owned());
        }
        self.lines.record("route", &*route);
        self.lines.record("operation", operation);
        self.lines.record("status", status.as_u16());
        self.lines
            .record("duration_ms", took.as_secs_f64() * 1000.0);
        if let Some(command) = command {
            self.lines.record("command_id", field::display(command));
        }
        if let Some(visit) = visit {
            self.lines.record("visit_id", field::display(visit));
        }
        let _in_request = self.lines.enter();
        // One line per request. What is asked every few seconds by machines, and what is refused for
        // its rate, is not worth one: this bounds the lines that a stranger can cause.
        let is_routine = route.starts_with("/health") || status.as_u16() == 429;
        if status.is_server_error() {
            tracing::warn!(target: "medique::request", "request failed");
        } else if is_routine {
            tracing::debug!(target: "medique::request", "request answered");
        } else if status.is_client_error() {
            tracing::info!(target: "medique::request", "request refused");
        } else {
            tracing::info!(target: "medique::request", "request answered");
        }
    }
}

/// The visit that the address names, for reads: `/visits/{visit_id}/...`.
fn visit_in(route: &str, path: &str) -> Option<VisitId> {
    let place = route.split('/').position(|part| part == "{visit_id}")?;
    path.split('/').nth(place)?.parse().ok()
}

/// A word of a fixed set, whatever a stranger sends.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

fn caller_of(request: &Request) -> Option<TraceContext> {
    let header = request.headers().get(TRACEPARENT)?;
    TraceContext::parse(header.to_str().ok()?)
}

/// What is told of a refused command: the code of its problem.
pub(crate) fn reason(problem: &Problem) -> &'static str {
    problem.code().as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visit_of_an_address_is_found() {
        let id = "0190b1c5-0000-7000-8000-000000000001";
        let visit = |route: &str| visit_in(route, &format!("/api/v1/visits/{id}/record"));
        assert_eq!(
            visit("/api/v1/visits/{visit_id}/record").map(|visit| visit.to_string()),
            Some(id.to_owned())
        );
        assert_eq!(visit("/api/v1/visits/{other}/record"), None);
        assert_eq!(visit_in("/visits/{visit_id}", "/visits/name"), None);
    }
}
