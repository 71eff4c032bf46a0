//! Which links are revoked, as this replica knows it. Check-in must work while the database is
//! away, so nobody asks it for every scan; the worker, which does read it, decides in the end.

use crate::app::Shared;
use medique_contracts::ids::LinkId;
use medique_platform::link::Link;
use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use uuid::Uuid;

/// Pause between two looks at what was revoked.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Dead links need no mention: they are refused for their age.
const SELECT_REVOKED: &str =
    "SELECT id FROM check_in_link WHERE revoked_at IS NOT NULL AND expires_at > $1";

/// Links that are revoked and not yet dead.
#[derive(Default)]
pub struct RevokedLinks(RwLock<HashSet<LinkId>>);

impl RevokedLinks {
    /// Whether the link, or the poster that it was drawn from, is revoked.
    pub fn holds(&self, link: &Link) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.contains(&link.link_id) || link.drawn_from.is_some_and(|id| known.contains(&id))
    }

    /// Learns of one at once: it was revoked here.
    pub fn learn(&self, link: LinkId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(link);
    }

    /// Learns of what was revoked elsewhere. What is known stays known: a link revoked here between
    /// the read and now must not come back.
    fn learn_all(&self, links: Vec<Uuid>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(links.into_iter().map(LinkId));
    }
}

/// Keeps the list up to date until the process ends. While the database is away, what is known
/// stays in force.
pub async fn follow(app: Shared) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = medique_platform::clock::now();
        let read = sqlx::query_scalar(SELECT_REVOKED).bind(now);
        match read.fetch_all(&app.pool).await {
            Ok(links) => app.revoked_links.learn_all(links),
            Err(error) => tracing::debug!(%error, "revoked links could not be read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::ids::{DepartmentId, FacilityId};

    #[test]
    fn a_ticket_goes_with_its_poster() {
        let [poster, ticket, other] = [1, 2, 3].map(|id| LinkId(Uuid::from_u128(id)));
        let link = |link_id, drawn_from| Link {
            link_id,
            facility_id: FacilityId(Uuid::nil()),
            department_id: DepartmentId(Uuid::nil()),
            doctor_id: None,
            single_use: true,
            is_poster: false,
            drawn_from,
            expires_at: chrono::DateTime::UNIX_EPOCH,
        };
        let revoked = RevokedLinks::default();
        assert!(!revoked.holds(&link(ticket, Some(poster))));
        revoked.learn_all(vec![poster.0]);
        revoked.learn_all(Vec::new());
        assert!(revoked.holds(&link(ticket, Some(poster))));
        assert!(revoked.holds(&link(poster, None)));
        assert!(!revoked.holds(&link(ticket, Some(other))));
        revoked.learn(other);
        assert!(revoked.holds(&link(ticket, Some(other))));
    }
}
