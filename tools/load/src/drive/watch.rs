//! Watches the live streams of the departments under load.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;
use uuid::Uuid;

use crate::clock::wall_us;
use crate::http::session::Session;
use crate::live::follower::{self, Follower, Health};
use crate::live::sse::Frame;

const OPEN_LIMIT: Duration = Duration::from_secs(15);

/// What the streams brought.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// When the first event of each visit arrived, microseconds since 1970.
    pub(crate) first_us: HashMap<Uuid, i64>,
    pub(crate) frames: u64,
    /// Times that a stream had to start over from a snapshot.
    pub(crate) resyncs: u64,
}

/// Follows one stream per department.
#[derive(Debug)]
pub(crate) struct Watcher {
    seen: Arc<Mutex<Seen>>,
    health: Arc<Health>,
    _followers: Vec<Follower>,
}

#[derive(Deserialize)]
struct VisitOf {
    visit_id: Uuid,
}

impl Watcher {
    /// Opens the streams and waits until all are open.
    pub(crate) async fn open(session: &Arc<Session>, departments: &[String]) -> Result<Self> {
        let (seen, health) = (
            Arc::new(Mutex::new(Seen::default())),
            Arc::new(Health::default()),
        );
        let follow = |department: &String| {
            let seen = Arc::clone(&seen);
            let path = format!("/departments/{department}/events");
            Follower::start(
                Arc::clone(session),
                path,
                Arc::clone(&health),
                move |frame| note(&seen, &frame),
            )
        };
        let followers: Vec<Follower> = departments.iter().map(follow).collect();
        follower::wait_open(&health, followers.len(), OPEN_LIMIT).await?;
        Ok(Self {
            seen,
            health,
            _followers: followers,
        })
    }

    /// Visits of which something was seen.
    pub(crate) fn visits(&self) -> usize {
        self.seen
            .lock()
            .map(|seen| seen.first_us.len())
            .unwrap_or_default()
    }

    /// Takes what was seen since the last time.
    pub(crate) fn take(&self) -> Seen {
        self.seen
            .lock()
            .map(|mut seen| std::mem::take(&mut *seen))
            .unwrap_or_default()
    }

    /// Connections that ended and were made again.
    pub(crate) fn reconnects(&self) -> u32 {
        self.health
            .reconnects
            .load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn note(seen: &Mutex<Seen>, frame: &Frame) {
    let now = wall_us();
    let Ok(mut seen) = seen.lock() else { return };
    seen.frames += 1;
    if frame.event == "resync" {
        seen.resyncs += 1;
    } else if let Ok(VisitOf { visit_id }) = serde_json::from_str(&frame.data) {
        seen.first_us.entry(visit_id).or_insert(now);
    }
}
