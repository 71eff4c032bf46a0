//! Who sees the database: said by every process on core NATS, again and again.
//!
//! A process that has lost the database cannot tell whether it alone has. It matters: what is
//! revoked elsewhere must stop here, while an outage for all revokes nothing. So everybody says what
//! they see, and everybody listens; hearing oneself proves that others would be heard as well.

use crate::bus::{Bus, BusError};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use medique_contracts::subjects::SIGHT;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often everybody says it.
pub const SAY_EVERY: Duration = Duration::from_secs(5);
/// Longest time that a look may take.
const LOOK_MAX: Duration = Duration::from_secs(3);

/// What a process says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The process; random, for as long as it runs.
    pub process: Uuid,
    /// Whether it has just read the database.
    pub sees: bool,
}

impl Sight {
    /// Says it. Best effort.
    pub async fn say(self, bus: &Bus) {
        if let Ok(payload) = serde_json::to_vec(&self) {
            bus.tell(SIGHT, Bytes::from(payload)).await;
        }
    }

    /// Listens to what everybody says, oneself included.
    ///
    /// # Errors
    /// The client is closed.
    pub async fn listen(bus: &Bus) -> Result<impl Stream<Item = Self> + Unpin + use<>, BusError> {
        let said = bus.listen(SIGHT).await?;
        Ok(said.filter_map(|payload| std::future::ready(Self::read(&payload))))
    }

    /// What somebody said; none when it cannot be read.
    fn read(payload: &[u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }
}

/// Looks at the database and says what it saw, until `stop`. For processes that do not read what was
/// revoked themselves.
pub async fn tell(pool: PgPool, bus: Bus, stop: CancellationToken) {
    let process = Uuid::new_v4();
    loop {
        let looked = sqlx::query("SELECT 1").execute(&pool);
        let looked = tokio::time::timeout(LOOK_MAX, looked).await;
        let sees = matches!(looked, Ok(Ok(_)));
        Sight { process, sees }.say(&bus).await;
        tokio::select! {
            () = tokio::time::sleep(SAY_EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}
