//! Codes of rooms, for boards and phones: events carry the id only.

use medique_contracts::ids::RoomId;
use sqlx::PgPool;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Longest that one event may wait for the code of its room.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(500);
/// Pause after a failed look-up, so that a database that is away does not slow every event.
const PAUSE: Duration = Duration::from_secs(5);

/// A cache of room codes, filled when a room is first seen in an event.
#[derive(Debug)]
pub struct Rooms {
    pool: PgPool,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    codes: HashMap<RoomId, Arc<str>>,
    paused_until: Option<Instant>,
}

impl Rooms {
    /// An empty cache.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code of a room; none when it cannot be found out soon. Screens then show the room by its
    /// id, or learn it with the next read.
    pub async fn code(&self, room: RoomId) -> Option<Arc<str>> {
        {
            let known = self.known();
            if let Some(code) = known.codes.get(&room) {
                return Some(code.clone());
            }
            if known
                .paused_until
                .is_some_and(|until| Instant::now() < until)
            {
                return None;
            }
        }
        let lookup = sqlx::query_scalar::<_, String>("SELECT code FROM room WHERE id = $1")
            .bind(room.0)
            .fetch_optional(&self.pool);
        match tokio::time::timeout(LOOKUP_TIMEOUT, lookup).await {
            Ok(Ok(code)) => {
                let code: Arc<str> = code?.into();
                self.known().codes.insert(room, code.clone());
                Some(code)
            }
            Ok(Err(_)) | Err(_) => {
                self.known().paused_until = Some(Instant::now() + PAUSE);
                tracing::warn!(%room, "code of a room not found out in time");
                None
            }
        }
    }

    /// The room changed: its code is looked up again when it is next needed.
    pub fn forget(&self, room: RoomId) {
        self.known().codes.remove(&room);
    }
}
