//! From stored messages to entries: what the hub's reader and the readers of late clients share.

use crate::live::entry::Entry;
use crate::live::id::LiveId;
use crate::live::rooms::Rooms;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use medique_contracts::events::{EventData, EventMessage};
use medique_contracts::subjects::EVENTS_STREAM;
use medique_platform::bus::{Bus, BusError, StoredMessage};
use std::sync::Arc;

use crate::live::hub::StreamBounds;

/// The EVENTS stream as live streams read it.
#[derive(Debug)]
pub struct Source {
    bus: Bus,
    rooms: Rooms,
}

impl Source {
    /// Reads from `bus`; codes of rooms come from `rooms`.
    pub fn new(bus: Bus, rooms: Rooms) -> Self {
        Self { bus, rooms }
    }

    /// Whether the broker can be reached at this moment.
    pub fn is_connected(&self) -> bool {
        self.bus.is_connected()
    }

    /// What the stream holds right now.
    ///
    /// # Errors
    /// The broker does not answer, or the stream is missing.
    pub async fn bounds(&self) -> Result<StreamBounds, BusError> {
        let state = self.bus.stream_state(EVENTS_STREAM).await?;
        Ok(StreamBounds {
            epoch: state.created_unix_nanos as u64,
            first_seq: state.first_seq,
            last_seq: state.last_seq,
        })
    }

    /// Entries from `seq` on, for ever.
    ///
    /// # Errors
    /// The broker does not answer, or the stream is missing.
    pub async fn read(
        self: &Arc<Self>,
        epoch: u64,
        seq: u64,
    ) -> Result<BoxStream<'static, Result<Entry, BusError>>, BusError> {
        let source = self.clone();
        let messages = self.bus.read_events(seq).await?;
        Ok(messages
            .and_then(move |message| {
                let source = source.clone();
                async move { Ok(source.entry(epoch, &message).await) }
            })
            .boxed())
    }

    async fn entry(&self, epoch: u64, message: &StoredMessage) -> Entry {
        let id = LiveId {
            epoch,
            seq: message.seq,
        };
        let event = match EventMessage::from_bytes(&message.payload) {
            Ok(event) => event,
            Err(error) => {
                // Of a newer build, during a roll-out. Its screens know what to do with it.
                tracing::warn!(seq = message.seq, %error, "event skipped");
                return Entry::unreadable(id);
            }
        };
        let room = match &event.body.facts {
            EventData::Room { room_id, .. } => {
                self.rooms.forget(*room_id);
                None
            }
            EventData::Visit(visit) if visit.state.is_with_doctor() => match visit.room_id {
                Some(room) => self.rooms.code(room).await,
                None => None,
            },
            _ => None,
        };
        Entry::new(id, event, room).brought_by(message)
    }
}
