//! The live stream beside the commands: what screens saw.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Deserialize;
use uuid::Uuid;

use super::tally::Tally;
use crate::http::session::Session;
use crate::live::follower::{self, Follower, Health};
use crate::live::sse::Frame;

const OPEN_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(50);

/// What the stream brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) by_type: BTreeMap<String, u64>,
    /// Visit and version of each event.
    pub(crate) transitions: HashSet<(Uuid, i64)>,
}

/// Follows the stream of a department.
#[derive(Debug)]
pub(crate) struct Live {
    seen: Arc<Mutex<Seen>>,
    health: Arc<Health>,
    _follower: Follower,
}

#[derive(Deserialize)]
struct Transition {
    visit_id: Uuid,
    version: i64,
}

impl Live {
    /// Opens the stream.
    pub(crate) async fn open(session: &Arc<Session>, department_id: &str) -> Result<Self> {
        let (seen, health) = (
            Arc::new(Mutex::new(Seen::default())),
            Arc::new(Health::default()),
        );
        let noted = Arc::clone(&seen);
        let path = format!("/departments/{department_id}/events");
        let on_frame = move |frame: Frame| note(&noted, frame);
        let follower = Follower::start(Arc::clone(session), path, Arc::clone(&health), on_frame);
        follower::wait_open(&health, 1, OPEN_LIMIT).await?;
        Ok(Self {
            seen,
            health,
            _follower: follower,
        })
    }

    /// Waits until every transition that took effect was seen, or the time is up.
    pub(crate) async fn wait_for(&self, tally: &Tally, limit: Duration) {
        let deadline = Instant::now() + limit;
        let wanted = tally.sums().transitions;
        while Instant::now() < deadline {
            let seen = self.seen();
            if wanted
                .iter()
                .all(|transition| seen.transitions.contains(transition))
            {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen
            .lock()
            .map(|seen| seen.clone())
            .unwrap_or_default()
    }

    /// Number of events so far.
    pub(crate) fn count(&self) -> u64 {
        self.seen
            .lock()
            .map(|seen| seen.by_type.values().sum())
            .unwrap_or_default()
    }

    /// Connections that ended and were made again.
    pub(crate) fn reconnects(&self) -> u32 {
        self.health.reconnects.load(Ordering::Relaxed)
    }
}

fn note(seen: &Mutex<Seen>, frame: Frame) {
    let Ok(mut seen) = seen.lock() else { return };
    if let Ok(Transition { visit_id, version }) = serde_json::from_str(&frame.data) {
        seen.transitions.insert((visit_id, version));
    }
    *seen.by_type.entry(frame.event).or_default() += 1;
}
