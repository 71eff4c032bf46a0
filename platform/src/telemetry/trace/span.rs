//! One span: begun from a context, sent when it is dropped.

use super::super::metrics::Label;
use super::super::outlet;
use super::is_on;
use super::semconv::ERROR_TYPE;
use crate::clock;
use crate::trace_context::TraceContext;
use chrono::{DateTime, Utc};
use opentelemetry::trace::{Link, SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanLinks};
use std::borrow::Cow;
use std::sync::OnceLock;

/// Links of one span: a batch has at most as many messages.
const LINKS_MAX: usize = 1000;

/// What a span is to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Answers a request.
    Server,
    /// Asks somebody and waits.
    Client,
    /// Sends a message.
    Producer,
    /// Gets one.
    Consumer,
    /// Neither.
    Internal,
}

impl From<SpanKind> for opentelemetry::trace::SpanKind {
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::Server => Self::Server,
            SpanKind::Client => Self::Client,
            SpanKind::Producer => Self::Producer,
            SpanKind::Consumer => Self::Consumer,
            SpanKind::Internal => Self::Internal,
        }
    }
}

/// A step of a trace, from its making to its dropping.
///
/// A span of a trace that is not sampled is kept all the same until it ends, and sent when it
/// failed: errors are never lost to sampling.
#[derive(Debug)]
pub struct Span {
    context: TraceContext,
    draft: Option<Box<Draft>>,
}

#[derive(Debug)]
struct Draft {
    parent: Option<TraceContext>,
    kind: SpanKind,
    name: Cow<'static, str>,
    begun: DateTime<Utc>,
    ended: Option<DateTime<Utc>>,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
    links_dropped: u32,
    error: Option<Cow<'static, str>>,
}

impl Span {
    /// A step below `parent`. While nothing is recorded its context is its parent's, so that whoever
    /// comes after hangs on a step that exists.
    pub fn child_of(
        parent: &TraceContext,
        kind: SpanKind,
        name: impl Into<Cow<'static, str>>,
    ) -> Self {
        if !is_on() {
            return Self {
                context: *parent,
                draft: None,
            };
        }
        Self::at(parent.child(), Some(*parent), kind, name)
    }

    /// A step whose place is known: `context` is its own.
    pub fn at(
        context: TraceContext,
        parent: Option<TraceContext>,
        kind: SpanKind,
        name: impl Into<Cow<'static, str>>,
    ) -> Self {
        let draft = is_on().then(|| {
            Box::new(Draft {
                parent,
                kind,
                name: name.into(),
                begun: clock::now(),
                ended: None,
                attributes: Vec::with_capacity(8),
                links: Vec::new(),
                links_dropped: 0,
                error: None,
            })
        });
        Self { context, draft }
    }

    /// The first step of a trace of its own.
    pub fn root(kind: SpanKind, name: impl Into<Cow<'static, str>>) -> Self {
        Self::at(TraceContext::new_root(), None, kind, name)
    }

    /// The first step of a trace of its own, on what came from other traces; sampled when one of
    /// them is.
    pub fn linked(
        kind: SpanKind,
        name: impl Into<Cow<'static, str>>,
        others: impl Iterator<Item = TraceContext>,
    ) -> Self {
        let others: Vec<_> = others.collect();
        let is_sampled = others.iter().any(TraceContext::is_sampled);
        let context = TraceContext::new_root().sampled(is_sampled);
        let mut span = Self::at(context, None, kind, name);
        others.iter().for_each(|other| span.link(other));
        span
    }

    /// No step at all: nothing is recorded, and nothing hangs on it.
    pub fn none() -> Self {
        Self {
            context: TraceContext::new_root().sampled(false),
            draft: None,
        }
    }

    /// Where it is in its trace: what the next step hangs on.
    pub fn context(&self) -> TraceContext {
        self.context
    }

    /// Names it anew, when more is known than at its beginning.
    pub fn rename(&mut self, name: impl FnOnce() -> String) {
        if let Some(draft) = &mut self.draft {
            draft.name = name().into();
        }
    }

    /// Says something about it. Ids and words of ours; never what tells of a person.
    pub fn attribute(&mut self, key: &'static str, value: impl Into<Label>) -> &mut Self {
        if let Some(draft) = &mut self.draft {
            draft
                .attributes
                .push(KeyValue::new(key, value.into().into_value()));
        }
        self
    }

    /// As [`Span::attribute`], for what is costly to write down.
    pub fn attribute_of(&mut self, key: &'static str, value: Option<impl ToString>) -> &mut Self {
        if let (Some(draft), Some(value)) = (&mut self.draft, value) {
            draft.attributes.push(KeyValue::new(key, value.to_string()));
        }
        self
    }

    /// Says that another step has to do with it.
    pub fn link(&mut self, other: &TraceContext) {
        if let Some(draft) = &mut self.draft {
            if draft.links.len() < LINKS_MAX {
                draft
                    .links
                    .push(Link::new(span_context(other, true), Vec::new(), 0));
            } else {
                draft.links_dropped += 1;
            }
        }
    }

    /// Says that it failed: `kind` is one of few words of ours, and no text from elsewhere.
    pub fn fail(&mut self, kind: impl Into<Cow<'static, str>>) {
        if let Some(draft) = &mut self.draft {
            let kind = kind.into();
            draft
                .attributes
                .push(KeyValue::new(ERROR_TYPE, kind.clone()));
            draft.error = Some(kind);
        }
    }

    /// Says when it really began.
    pub fn began_at(&mut self, at: DateTime<Utc>) -> &mut Self {
        if let Some(draft) = &mut self.draft {
            draft.begun = at;
        }
        self
    }

    /// Says when it really ended.
    pub fn ended_at(&mut self, at: DateTime<Utc>) -> &mut Self {
        if let Some(draft) = &mut self.draft {
            draft.ended = Some(at);
        }
        self
    }

    /// It was not worth telling.
    pub fn discard(mut self) {
        self.draft = None;
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(draft) = self.draft.take() else {
            return;
        };
        if self.context.is_sampled() || draft.error.is_some() {
            outlet::span(draft.into_data(self.context));
        }
    }
}

impl Draft {
    fn into_data(self, context: TraceContext) -> SpanData {
        let end = self.ended.unwrap_or_else(clock::now).max(self.begun);
        let mut links = SpanLinks::default();
        links.links = self.links;
        links.dropped_count = self.links_dropped;
        SpanData {
            span_context: span_context(&context, false),
            parent_span_id: self
                .parent
                .map_or(SpanId::INVALID, |parent| SpanId::from(parent.span_number())),
            parent_span_is_remote: self.kind == SpanKind::Server || self.kind == SpanKind::Consumer,
            span_kind: self.kind.into(),
            name: self.name,
            start_time: self.begun.into(),
            end_time: end.into(),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: Default::default(),
            links,
            status: match self.error {
                Some(error) => Status::error(error),
                None => Status::Unset,
            },
            instrumentation_scope: scope(),
        }
    }
}

fn scope() -> InstrumentationScope {
    static SCOPE: OnceLock<InstrumentationScope> = OnceLock::new();
    SCOPE
        .get_or_init(|| InstrumentationScope::builder("medique").build())
        .clone()
}

fn span_context(context: &TraceContext, is_remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from(context.trace_number()),
        SpanId::from(context.span_number()),
        if context.is_sampled() {
            TraceFlags::SAMPLED
        } else {
            TraceFlags::NOT_SAMPLED
        },
        is_remote,
        TraceState::NONE,
    )
}

/// The step that follows `cause` when `subject` is worked on: always the same one, so that whoever
/// works on it, and however often, what it causes hangs on one step. As it came while nothing is
/// recorded.
pub fn followed_by(cause: &TraceContext, subject: u128) -> TraceContext {
    if !is_on() {
        return *cause;
    }
    cause.derived(subject)
}
