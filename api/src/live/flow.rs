//! What one client is sent, in order: what it missed or a snapshot, then what happens.

use crate::live::Live;
use crate::live::audience::Audience;
use crate::live::entry::Entry;
use crate::live::frame;
use crate::live::hub::{Joined, Link, Subscription};
use crate::live::id::LiveId;
use crate::live::reader::START_PATIENCE;
use crate::live::snapshot::Snapshot;
use crate::live::way::Leaving;
use bytes::Bytes;
use futures::StreamExt as _;
use medique_contracts::ids::VisitId;
use medique_platform::telemetry::metrics::catalogue::LIVE_LAGGED;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Most events that are replayed from the stream to one client. A snapshot says the same sooner.
const REPLAY_MAX: u64 = 100_000;
/// Most frames that are read from the stream at once for one client.
const REPLAY_FRAMES: usize = 1_000;
/// Longest that one client may read from the stream at once.
const REPLAY_TIME: Duration = Duration::from_secs(5);
/// Time over which clients that were cut off together read their snapshots.
const SPREAD: Duration = Duration::from_millis(500);
/// Pause before the database or the broker is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// What a client says about where it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It was not here before.
    New,
    /// It has seen everything up to this event.
    After(LiveId),
    /// It was here, but what it missed cannot be replayed.
    Lost,
}

impl Start {
    /// Reads the header `Last-Event-ID`.
    pub fn from_header(last_event_id: Option<&str>) -> Self {
        match last_event_id.map(str::trim) {
            None | Some("") => Self::New,
            Some(text) => text.parse().map_or(Self::Lost, Self::After),
        }
    }
}

/// The client went away, or nothing can be shown to it any more.
pub struct Over;

/// Writes one client's frames.
pub struct Flow {
    live: Arc<Live>,
    audience: Audience,
    out: mpsc::Sender<Leaving>,
}

struct Following {
    missed: Vec<Arc<Entry>>,
    subscription: Subscription,
    /// Sequence up to which the client has seen everything.
    after: u64,
    /// Versions in the snapshot that the client got: older events say nothing new.
    versions: HashMap<VisitId, i64>,
}

/// What one look into the stream brought.
struct Past {
    frames: Vec<Bytes>,
    /// What the client has seen once it got the frames.
    reached: LiveId,
    /// The stream does not have what comes next.
    has_gap: bool,
}

impl Flow {
    /// Frames for `audience` go to `out`.
    pub fn new(live: Arc<Live>, audience: Audience, out: mpsc::Sender<Leaving>) -> Self {
        Self {
            live,
            audience,
            out,
        }
    }

    /// Runs until the client goes away.
    pub async fn run(self, mut start: Start) -> Over {
        loop {
            if let Err(over) = self.once(start).await {
                return over;
            }
            start = Start::Lost;
            // Many may be cut off at the same moment, and each reads a snapshot.
            tokio::time::sleep(rand::random_range(Duration::ZERO..=SPREAD)).await;
        }
    }

    /// Until an event was missed.
    async fn once(&self, start: Start) -> Result<(), Over> {
        let caught_up = match start {
            Start::After(seen) => self.catch_up(seen).await?,
            Start::New | Start::Lost => None,
        };
        let following = match caught_up {
            Some(following) => following,
            None if start == Start::New => self.snapshot("snapshot").await?,
            None => {
                LIVE_LAGGED.add(1, []);
                self.snapshot("resync").await?
            }
        };
        self.follow(following).await
    }

    async fn follow(&self, mut following: Following) -> Result<(), Over> {
        for entry in std::mem::take(&mut following.missed) {
            self.show(&entry, &following, false).await?;
        }
        while let Some(entry) = following.subscription.next().await {
            self.show(&entry, &following, true).await?;
        }
        Ok(())
    }

    /// `is_new`: as it happens, and not afterwards.
    async fn show(
        &self,
        entry: &Arc<Entry>,
        following: &Following,
        is_new: bool,
    ) -> Result<(), Over> {
        let known = entry.visit().is_some_and(|(visit, version)| {
            following
                .versions
                .get(&visit)
                .is_some_and(|seen| version <= *seen)
        });
        if known || entry.id.seq <= following.after {
            return Ok(());
        }
        match entry.frame(&self.audience) {
            Some(frame) => {
                let mut leaving = Leaving::from(frame);
                leaving.entry = is_new.then(|| Arc::clone(entry));
                self.leave(leaving).await
            }
            None => Ok(()),
        }
    }

    async fn send(&self, frame: Bytes) -> Result<(), Over> {
        self.leave(Leaving::from(frame)).await
    }

    async fn leave(&self, leaving: Leaving) -> Result<(), Over> {
        self.out.send(leaving).await.map_err(|_| Over)
    }

    /// Joins after what the client has seen; none when that cannot be done without a gap.
    async fn catch_up(&self, mut seen: LiveId) -> Result<Option<Following>, Over> {
        let mut is_verified = false;
        loop {
            let joined = if is_verified {
                self.live.hub.rejoin_verified(self.audience, seen)
            } else {
                self.live.hub.rejoin(self.audience, seen)
            };
            match joined {
                Joined::Here(missed, subscription) => {
                    let versions = HashMap::new();
                    return Ok(Some(Following {
                        missed,
                        subscription,
                        after: seen.seq,
                        versions,
                    }));
                }
                Joined::TooOld(distance) if distance <= REPLAY_MAX => {
                    match self.replay(seen).await? {
                        Some(reached) => seen = reached,
                        None => return Ok(None),
                    }
                }
                Joined::TooOld(_) | Joined::OtherStream => return Ok(None),
                Joined::Ahead => {
                    if !self.stream_holds(seen).await {
                        return Ok(None);
                    }
                    is_verified = true;
                }
                Joined::NotReady => {
                    let mut link = self.live.hub.link();
                    link.wait_for(|link| *link == Link::Up)
                        .await
                        .map_err(|_| Over)?;
                }
            }
        }
    }

    /// Whether an event that this replica has not read is in the stream: the client followed another
    /// replica that is a moment ahead, or its id is wrong.
    async fn stream_holds(&self, seen: LiveId) -> bool {
        let bounds = self.live.source.bounds().await;
        bounds.is_ok_and(|bounds| bounds.epoch == seen.epoch && bounds.last_seq >= seen.seq)
    }

    /// Sends a part of what the ring has forgotten. Returns what the client has then seen; none when
    /// the stream has forgotten it too.
    async fn replay(&self, seen: LiveId) -> Result<Option<LiveId>, Over> {
        let mut past = Past {
            frames: Vec::new(),
            reached: seen,
            has_gap: false,
        };
        {
            // Held while reading only, and not for long: a client that does not take what was read
            // keeps nobody from reading.
            let Ok(_permit) = self.live.replays.acquire().await else {
                return Err(Over);
            };
            // Whatever ends the reading, what was read until then counts.
            let _ = tokio::time::timeout(REPLAY_TIME, self.read_past(&mut past)).await;
        }
        for frame in past.frames {
            self.send(frame).await?;
        }
        if past.has_gap {
            return Ok(None);
        }
        if past.reached == seen {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Some(past.reached))
    }

    /// Reads from the stream up to where the ring begins, but not more than a client should hold.
    async fn read_past(&self, past: &mut Past) {
        let LiveId { epoch, seq } = past.reached;
        let Ok(mut entries) = self.live.source.read(epoch, seq + 1).await else {
            return;
        };
        while let Some(Ok(entry)) = entries.next().await {
            if entry.id.seq != past.reached.seq + 1 {
                past.has_gap = true;
                return;
            }
            past.reached = entry.id;
            if entry.concerns(&self.audience)
                && let Some(frame) = entry.frame(&self.audience)
            {
                past.frames.push(frame);
            }
            let floor = self.live.hub.floor();
            let is_in_ring = floor.is_some_and(|floor| past.reached.seq >= floor);
            if is_in_ring || past.frames.len() >= REPLAY_FRAMES {
                return;
            }
        }
    }

    /// Joins and sends a snapshot that holds everything up to the position of joining. What is
    /// committed and published while the snapshot is read arrives twice, and is shown once.
    async fn snapshot(&self, name: &str) -> Result<Following, Over> {
        let mut link = self.live.hub.link();
        // No hub within that time is no error: the client is cut off, and starts anew, once there is.
        let started = link.wait_for(|link| *link != Link::Starting);
        let _ = tokio::time::timeout(START_PATIENCE, started).await;
        let mut degraded = false;
        loop {
            // The turn comes before the join: what waits here must not fill the client's queue.
            let turn = self.live.snapshots.acquire().await;
            let (position, subscription) = self.live.hub.join(self.audience);
            let read = Snapshot::read(&self.live.pool, self.audience).await;
            drop(turn);
            match read {
                Ok(snapshot) => {
                    if degraded {
                        self.send(frame::notice("recovered", "database")).await?;
                    }
                    let Snapshot { data, versions } = snapshot;
                    let frame = frame::event(position, name, &data);
                    // Megabytes, for a full department; the client may take its time.
                    drop(data);
                    self.send(frame).await?;
                    let after = position.map_or(0, |position| position.seq);
                    return Ok(Following {
                        missed: Vec::new(),
                        subscription,
                        after,
                        versions,
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "snapshot of a live stream not read, trying again");
                    if !std::mem::replace(&mut degraded, true) {
                        self.send(frame::notice("degraded", "database")).await?;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_about_where_it_stopped_decides_how_it_starts() {
        assert_eq!(Start::from_header(None), Start::New);
        assert_eq!(Start::from_header(Some(" ")), Start::New);
        assert_eq!(
            Start::from_header(Some("7-9")),
            Start::After(LiveId { epoch: 7, seq: 9 })
        );
        for text in ["9", "7-", "visit", "-1-1"] {
            assert_eq!(Start::from_header(Some(text)), Start::Lost, "{text}");
        }
    }
}
