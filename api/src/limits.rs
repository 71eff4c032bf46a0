//! Rate limits: token buckets, refilled at a constant rate.
//!
//! A request is paid for by its caller: by the account of a member of staff, by the visit of a
//! patient, and by the client's address when there is no credential that is valid. Whole hospitals
//! stand behind one address, so who has a credential does not pay for its neighbours. What stands
//! in [`routes`] for a route says how much it costs. Health checks are free.
//!
//! The buckets are this replica's: behind `n` replicas a client has up to `n` times the budget.

mod bucket;
mod config;
mod key;
pub mod routes;
mod standing;
mod throttle;

pub use config::{Rate, RateConfig};
pub use standing::Standing;
pub use throttle::Throttle;

use crate::app::Shared;
use crate::auth::Caller;
use crate::client::ClientAddress;
use bucket::Buckets;
use medique_contracts::Actor;
use medique_contracts::ids::LinkId;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Pause between two looks for buckets that are full again and can be forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// Addresses remembered one by one; above that, whole networks share a bucket.
const ADDRESSES_MAX: usize = 100_000;

/// All buckets of this replica.
pub struct Limits {
    staff: Buckets,
    patients: Buckets,
    addresses: Buckets,
    doors: Buckets,
    posters: Buckets,
    crowded: AtomicBool,
}

impl Limits {
    /// Full buckets.
    pub fn new(config: &RateConfig) -> Self {
        Self {
            staff: Buckets::new("staff", config.staff),
            patients: Buckets::new("visit", config.patient),
            addresses: Buckets::new("address", config.address),
            doors: Buckets::new("check-in", config.check_in),
            posters: Buckets::new("poster", config.poster),
            crowded: AtomicBool::new(false),
        }
    }

    /// Charges a caller with a credential; none when such callers have no bucket of their own.
    fn charge_caller(&self, caller: &Caller, cost: u32) -> Option<Standing> {
        match &caller.actor {
            Actor::Staff { id, .. } => Some(self.staff.take(id.0.as_u128(), cost)),
            Actor::Patient { visit_id } => Some(self.patients.take(visit_id.0.as_u128(), cost)),
            Actor::Link { .. } | Actor::System { .. } => None,
        }
    }

    /// Charges an address for what it asks without a credential.
    fn charge_address(&self, address: ClientAddress, cost: u32) -> Standing {
        self.addresses.take(self.key(address), cost)
    }

    /// Charges an address for what phones ask with a link; a waiting room stands behind it.
    fn charge_door(&self, address: ClientAddress, cost: u32) -> Standing {
        self.doors.take(self.key(address), cost)
    }

    /// Charges a poster for a ticket, wherever it is asked for: a photographed poster that is
    /// passed around yields no more than the poster itself.
    pub fn charge_poster(&self, link: LinkId) -> Standing {
        self.posters.take(link.0.as_u128(), 1)
    }

    fn key(&self, address: ClientAddress) -> u128 {
        key::of(address.0, self.crowded.load(Ordering::Relaxed))
    }

    /// Forgets buckets that are full again: they are as good as new ones.
    fn sweep(&self) {
        let buckets = [
            &self.staff,
            &self.patients,
            &self.addresses,
            &self.doors,
            &self.posters,
        ];
        buckets.into_iter().for_each(Buckets::sweep);
        let addresses = self.addresses.len().max(self.doors.len());
        let crowded = addresses > ADDRESSES_MAX;
        if crowded && !self.crowded.load(Ordering::Relaxed) {
            tracing::warn!(
                addresses,
                "more clients than rate limits remember: whole networks share a budget"
            );
        }
        // Back to single addresses only when the room is there again.
        if crowded || addresses < ADDRESSES_MAX / 2 {
            self.crowded.store(crowded, Ordering::Relaxed);
        }
    }
}

/// Keeps the memory of the limits bounded, until the process ends.
pub async fn sweep(app: Shared) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        app.limits.sweep();
    }
}

#[cfg(test)]
mod tests;
