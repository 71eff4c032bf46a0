//! One event of the stream, with the frames that clients get, each rendered at most once.

use crate::live::audience::{Audience, Topic, topics};
use crate::live::frame;
use crate::live::id::LiveId;
use crate::live::projection::project;
use crate::live::way::Way;
use bytes::Bytes;
use medique_contracts::events::EventMessage;
use medique_contracts::ids::VisitId;
use medique_platform::bus::StoredMessage;
use std::sync::{Arc, OnceLock};

/// An event in memory. However many clients get it, each view of it is rendered once.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands in the stream.
    pub id: LiveId,
    event: Option<Known>,
    /// What is told of its way to the clients.
    pub way: Way,
}

#[derive(Debug)]
struct Known {
    message: EventMessage,
    room: Option<Arc<str>>,
    staff: OnceLock<Option<Bytes>>,
    board: OnceLock<Option<Bytes>>,
    /// For the board of the department that a visit came from.
    former_board: OnceLock<Option<Bytes>>,
    patient: OnceLock<Option<Bytes>>,
}

impl Entry {
    /// An event; `room` is the code of its room, when known.
    pub fn new(id: LiveId, message: EventMessage, room: Option<Arc<str>>) -> Self {
        let known = Known {
            message,
            room,
            staff: OnceLock::new(),
            board: OnceLock::new(),
            former_board: OnceLock::new(),
            patient: OnceLock::new(),
        };
        Self {
            id,
            event: Some(known),
            way: Way::default(),
        }
    }

    /// A message that this build cannot read. It keeps its place and is shown to nobody.
    pub fn unreadable(id: LiveId) -> Self {
        Self {
            id,
            event: None,
            way: Way::default(),
        }
    }

    /// Says which message brought it.
    #[must_use]
    pub fn brought_by(mut self, message: &StoredMessage) -> Self {
        let traceparent = self.event.as_ref().map(|known| &known.message.traceparent);
        self.way = Way::of(message, traceparent.and_then(|text| text.as_deref()));
        self
    }

    /// What happened; none for what this build cannot read.
    pub fn event_type(&self) -> Option<&'static str> {
        Some(self.event.as_ref()?.message.event_type.as_str())
    }

    /// What the event is about.
    pub fn topics(&self) -> Vec<Topic> {
        self.event
            .as_ref()
            .map(|known| topics(&known.message))
            .unwrap_or_default()
    }

    /// The visit that the event is about, and its version after the event.
    pub fn visit(&self) -> Option<(VisitId, i64)> {
        let visit = self.event.as_ref()?.message.visit()?;
        Some((visit.visit_id, visit.version))
    }

    /// Whether the event belongs to the audience's part of the hospital.
    pub fn concerns(&self, audience: &Audience) -> bool {
        let own = audience.topics();
        self.topics().iter().any(|topic| own.contains(topic))
    }

    /// The frame for an audience that the event concerns; none when there is nothing to see.
    pub fn frame(&self, audience: &Audience) -> Option<Bytes> {
        let known = self.event.as_ref()?;
        let cell = match audience {
            Audience::Staff { .. } => &known.staff,
            Audience::Board { department } => match known.message.visit() {
                Some(visit) if visit.department_id != *department => &known.former_board,
                _ => &known.board,
            },
            Audience::Patient { .. } => &known.patient,
        };
        cell.get_or_init(|| {
            let projected = project(&known.message, known.room.as_deref(), audience)?;
            Some(frame::event(Some(self.id), projected.name, &projected.data))
        })
        .clone()
    }
}
