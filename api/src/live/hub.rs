//! The meeting point of one stream reader and many clients. One per API replica.
//!
//! Joining and delivering happen under one lock, so a client that joins at a position gets every
//! event after it exactly once: from the ring what was read before, from its queue what comes.

use crate::live::audience::Audience;
use crate::live::entry::Entry;
use crate::live::feeds::{Delivered, Feeds, Receiver};
use crate::live::id::LiveId;
use crate::live::ring::Ring;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Whether events come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not yet: the hub is reading itself in, or the broker was never reached.
    Starting,
    /// Events come in as they happen.
    Up,
    /// The broker is away; what is missed will be read later, without a gap.
    Down,
}

/// One per API replica.
#[derive(Debug)]
pub struct Hub {
    inner: Mutex<Inner>,
    link: watch::Sender<Link>,
    ring_capacity: usize,
    queue_depth: usize,
}

#[derive(Debug)]
struct Inner {
    stream: Option<Stream>,
    feeds: Feeds,
}

#[derive(Debug)]
struct Stream {
    epoch: u64,
    ring: Ring,
    /// Clients may join once this sequence was read.
    ready_at: u64,
}

/// What the reader finds when it looks at the EVENTS stream.
#[derive(Debug, Clone, Copy)]
pub struct StreamBounds {
    /// Creation time, nanoseconds since 1970.
    pub epoch: u64,
    /// Oldest sequence that is kept.
    pub first_seq: u64,
    /// Newest sequence.
    pub last_seq: u64,
}

/// A place at the hub, given back when dropped.
#[derive(Debug)]
pub struct Subscription {
    receiver: Receiver,
    hub: Arc<Hub>,
}

impl Subscription {
    /// The next event; none when one was missed and the client needs a snapshot. Safe to cancel.
    pub async fn next(&mut self) -> Option<Arc<Entry>> {
        self.receiver.next().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.inner().feeds.remove(self.receiver.number);
    }
}

/// The hub's answer to a client that was here before.
#[derive(Debug)]
pub enum Joined {
    /// What it missed, and its place.
    Here(Vec<Arc<Entry>>, Subscription),
    /// The ring forgot what it missed; the stream may still have it. Distance to the head.
    TooOld(u64),
    /// Newer than anything that this replica has read.
    Ahead,
    /// Of another stream: nothing can be replayed.
    OtherStream,
    /// The hub is not ready.
    NotReady,
}

impl Hub {
    /// A hub that nobody reads for yet.
    pub fn new(ring_capacity: usize, queue_depth: usize) -> Arc<Self> {
        let inner = Inner {
            stream: None,
            feeds: Feeds::default(),
        };
        Arc::new(Self {
            inner: Mutex::new(inner),
            link: watch::Sender::new(Link::Starting),
            ring_capacity,
            queue_depth,
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing that runs under the lock can panic half-way through a change.
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether events come in, and news of that.
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.subscribe()
    }

    /// Whether the hub has read itself in: clients can join at a position.
    pub fn has_started(&self) -> bool {
        self.floor().is_some()
    }

    /// Number of clients.
    pub fn clients(&self) -> usize {
        self.inner().feeds.count()
    }

    /// Stands the hub on a stream and returns the sequence to read first.
    ///
    /// On the stream that it stood on before it goes on where it stopped. On another one, or when
    /// the stream no longer has what comes next, it starts near the end and cuts all clients off.
    pub fn stand_on(&self, bounds: StreamBounds) -> u64 {
        let mut inner = self.inner();
        if let Some(stream) = &inner.stream {
            let next = stream.ring.head() + 1;
            if stream.epoch == bounds.epoch
                && bounds.first_seq <= next
                && next <= bounds.last_seq + 1
            {
                return next;
            }
        }
        let kept = bounds.last_seq.saturating_sub(self.ring_capacity as u64);
        let before = kept.max(bounds.first_seq.saturating_sub(1));
        inner.stream = Some(Stream {
            epoch: bounds.epoch,
            ring: Ring::new(self.ring_capacity, before),
            ready_at: bounds.last_seq,
        });
        inner.feeds.break_all();
        drop(inner);
        self.set_link(Link::Up);
        before + 1
    }

    /// Sequence up to which the ring forgot; none while the hub is not ready.
    pub fn floor(&self) -> Option<u64> {
        self.inner()
            .stream
            .as_ref()
            .filter(|stream| stream.is_ready())
            .map(|stream| stream.ring.floor())
    }

    /// Takes the next event and hands it out.
    pub fn publish(&self, entry: Entry) -> Delivered {
        let entry = Arc::new(entry);
        let mut inner = self.inner();
        let Inner {
            stream: Some(stream),
            feeds,
        } = &mut *inner
        else {
            return Delivered::default();
        };
        if stream.epoch != entry.id.epoch || entry.id.seq <= stream.ring.head() {
            return Delivered::default();
        }
        if entry.id.seq > stream.ring.head() + 1 {
            // Whatever stood between is gone. Nobody may believe to have seen everything.
            stream.ring = Ring::new(self.ring_capacity, entry.id.seq - 1);
            feeds.break_all();
        }
        let was_ready = stream.is_ready();
        stream.ring.push(entry.clone());
        if was_ready {
            return feeds.deliver(&entry);
        }
        if stream.is_ready() {
            // Who joined meanwhile did so without a position.
            feeds.break_all();
            self.link.send_replace(Link::Up);
        }
        Delivered::default()
    }

    /// Says whether events come in. [`Link::Up`] is believed once the hub has read itself in, and
    /// means [`Link::Starting`] before.
    pub fn set_link(&self, link: Link) {
        let ready = self.inner().stream.as_ref().is_some_and(Stream::is_ready);
        let link = if ready || link == Link::Down {
            link
        } else {
            Link::Starting
        };
        self.link
            .send_if_modified(|known| std::mem::replace(known, link) != link);
    }

    /// Joins now, for a client that takes a snapshot next. The position is that of the newest event
    /// that is certainly in the snapshot; while the hub is not ready there is none, and the
    /// subscription is cut off once it is.
    pub fn join(self: &Arc<Self>, audience: Audience) -> (Option<LiveId>, Subscription) {
        let mut inner = self.inner();
        let position = inner
            .stream
            .as_ref()
            .filter(|stream| stream.is_ready())
            .map(|stream| LiveId {
                epoch: stream.epoch,
                seq: stream.ring.head(),
            });
        (position, self.subscribe(&mut inner, audience))
    }

    /// Joins after an event that the client has seen.
    pub fn rejoin(self: &Arc<Self>, audience: Audience, seen: LiveId) -> Joined {
        self.rejoin_at(audience, seen, false)
    }

    /// As [`Hub::rejoin`], where the stream is known to hold the event. The hub may not have read
    /// it yet: events up to it that come later are to be skipped.
    pub fn rejoin_verified(self: &Arc<Self>, audience: Audience, seen: LiveId) -> Joined {
        self.rejoin_at(audience, seen, true)
    }

    fn rejoin_at(self: &Arc<Self>, audience: Audience, seen: LiveId, is_verified: bool) -> Joined {
        let mut inner = self.inner();
        let Some(stream) = inner.stream.as_ref().filter(|stream| stream.is_ready()) else {
            return Joined::NotReady;
        };
        if stream.epoch != seen.epoch {
            return Joined::OtherStream;
        }
        let head = stream.ring.head();
        if seen.seq > head && !is_verified {
            return Joined::Ahead;
        }
        let Some(missed) = stream.ring.after(seen.seq) else {
            return Joined::TooOld(head - seen.seq);
        };
        let missed = missed
            .filter(|entry| entry.concerns(&audience))
            .cloned()
            .collect();
        Joined::Here(missed, self.subscribe(&mut inner, audience))
    }

    fn subscribe(self: &Arc<Self>, inner: &mut Inner, audience: Audience) -> Subscription {
        Subscription {
            receiver: inner.feeds.add(audience, self.queue_depth),
            hub: self.clone(),
        }
    }
}

impl Stream {
    fn is_ready(&self) -> bool {
        self.ring.head() >= self.ready_at
    }
}

#[cfg(test)]
mod tests;
