//! What was published, read from the stream itself.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use medique_contracts::subjects::EVENTS_STREAM;
use medique_platform::bus::Bus;
use medique_platform::config::{BusConfig, Env};
use uuid::Uuid;

/// Longest wait for the next event of those that are known to be there.
const NEXT_LIMIT: Duration = Duration::from_secs(10);

/// The stream of events.
#[derive(Debug)]
pub(crate) struct Events(Bus);

impl Events {
    pub(crate) async fn connect(nats_url: &str) -> Result<Self> {
        let mut env = Env::from_pairs([("MEDIQUE_NATS_URL", nats_url)]);
        let config = BusConfig::read(&mut env);
        env.finish()?;
        let bus = Bus::connect(&config, "medique-load")
            .await
            .context("cannot reach NATS")?;
        Ok(Self(bus))
    }

    /// Sequence of the newest event.
    pub(crate) async fn last_seq(&self) -> Result<u64> {
        // The connection may still be in the making.
        for _ in 0..50 {
            match self.0.stream_state(EVENTS_STREAM).await {
                Ok(state) => return Ok(state.last_seq),
                Err(error) if error.is_transient() => {
                    tokio::time::sleep(Duration::from_millis(100)).await
                }
                Err(error) => return Err(error.into()),
            }
        }
        bail!("cannot read the stream of events")
    }

    /// Visits with an event after `seq`.
    pub(crate) async fn visits_after(&self, seq: u64) -> Result<HashSet<Uuid>> {
        let last = self.last_seq().await?;
        let mut visits = HashSet::new();
        if last <= seq {
            return Ok(visits);
        }
        let mut events = self.0.read_events(seq + 1).await?;
        loop {
            let next = tokio::time::timeout(NEXT_LIMIT, events.next()).await;
            let event = next
                .context("the stream of events stopped")?
                .context("the stream of events ended")??;
            visits.extend(visit_of(&event.subject));
            if event.seq >= last {
                return Ok(visits);
            }
        }
    }
}

/// The visit in `evt.v1.<facility>.<department>.<visit>.<type>`.
fn visit_of(subject: &str) -> Option<Uuid> {
    subject.split('.').nth(4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visit_stands_in_the_subject() {
        let id = Uuid::from_u128(7);
        assert_eq!(visit_of(&format!("evt.v1.f.d.{id}.visit_called")), Some(id));
        assert_eq!(visit_of("evt.v1.f._._.day_closed"), None);
    }
}
