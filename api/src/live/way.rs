//! What is told of an event's way through this replica: its coming, and its leaving on live streams.

use crate::live::audience::Audience;
use crate::live::entry::Entry;
use crate::live::feeds::Delivered;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use medique_contracts::subjects::{EVENTS_STREAM, HEADER_TRACEPARENT};
use medique_platform::bus::StoredMessage;
use medique_platform::clock;
use medique_platform::telemetry::metrics::catalogue::{LIVE_STREAMS, PUBLISH_TO_SSE};
use medique_platform::telemetry::trace::{self, EVENT_TYPE, Span, SpanKind, VISIT_ID, semconv};
use medique_platform::trace_context::TraceContext;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Streams of one event that are told each by itself; the others are in the figures only. A hall
/// full of screens must not make a trace that nobody can read.
const STEPS_MAX: u32 = 16;

/// An event on its way.
#[derive(Debug, Default)]
pub struct Way {
    /// When the broker stored it.
    stored_at: Option<DateTime<Utc>>,
    /// The step that published it.
    published: Option<TraceContext>,
    /// The step that got it here.
    arrived: Option<(TraceContext, DateTime<Utc>)>,
    told: AtomicU32,
}

impl Way {
    /// By the header of its message, or by what it says itself.
    pub(super) fn of(message: &StoredMessage, carried: Option<&str>) -> Self {
        let published = message.header(HEADER_TRACEPARENT).or(carried);
        Self {
            stored_at: Some(message.stored_at),
            published: published
                .filter(|_| trace::is_on())
                .and_then(TraceContext::parse),
            arrived: None,
            told: AtomicU32::new(0),
        }
    }
}

impl Entry {
    /// It is here: the step that hands it out. None when nobody wants to know.
    pub(super) fn arrive(&mut self) -> Option<Span> {
        let published = self.way.published.filter(TraceContext::is_sampled)?;
        let mut step = Span::child_of(&published, SpanKind::Consumer, "process EVENTS");
        step.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
            .attribute(semconv::MESSAGING_DESTINATION, EVENTS_STREAM)
            .attribute(semconv::MESSAGING_OPERATION, "process")
            .attribute(semconv::MESSAGING_OPERATION_TYPE, "process")
            .attribute(EVENT_TYPE, self.event_type().unwrap_or_default())
            .attribute_of(VISIT_ID, self.visit().map(|(visit, _)| visit));
        self.way.arrived = Some((step.context(), clock::now()));
        Some(step)
    }
}

/// It was handed out. What nobody follows here is not told: other replicas tell of their own.
pub(super) fn delivered(step: Option<Span>, delivered: Delivered) {
    let Some(mut step) = step else { return };
    if delivered.reached == 0 {
        step.discard();
        return;
    }
    let clients = i64::try_from(delivered.reached).unwrap_or(i64::MAX);
    step.attribute("medique.live.clients", clients);
}

/// A frame on its way to one client.
#[derive(Debug)]
pub struct Leaving {
    frame: Bytes,
    /// The event that it shows, when that happens now.
    pub(super) entry: Option<Arc<Entry>>,
}

impl From<Bytes> for Leaving {
    fn from(frame: Bytes) -> Self {
        Self { frame, entry: None }
    }
}

impl Leaving {
    /// It leaves.
    pub(super) fn leave(self, audience: &Audience) -> Bytes {
        if let Some(entry) = &self.entry {
            tell(entry, audience);
        }
        self.frame
    }
}

fn tell(entry: &Entry, audience: &Audience) {
    let way = &entry.way;
    if let Some(Ok(took)) = way.stored_at.map(|at| (clock::now() - at).to_std()) {
        PUBLISH_TO_SSE.time(took, []);
    }
    let Some((arrived, at)) = way.arrived else {
        return;
    };
    if way.told.fetch_add(1, Ordering::Relaxed) >= STEPS_MAX {
        return;
    }
    let mut step = Span::child_of(&arrived, SpanKind::Producer, "send SSE");
    step.began_at(at)
        .attribute("medique.live.kind", kind(audience))
        .attribute(EVENT_TYPE, entry.event_type().unwrap_or_default())
        .attribute_of(VISIT_ID, entry.visit().map(|(visit, _)| visit));
}

const fn kind(audience: &Audience) -> &'static str {
    match audience {
        Audience::Staff { .. } => "staff",
        Audience::Board { .. } => "board",
        Audience::Patient { .. } => "visit",
    }
}

/// One open stream, counted for as long as it is.
#[derive(Debug)]
pub(super) struct Counted(&'static str);

impl Counted {
    pub(super) fn new(audience: Audience) -> Self {
        let kind = kind(&audience);
        LIVE_STREAMS.add(1.0, [kind.into()]);
        Self(kind)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE_STREAMS.add(-1.0, [self.0.into()]);
    }
}
