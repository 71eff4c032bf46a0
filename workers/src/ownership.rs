//! Which partitions this process holds.
//!
//! Every worker holds its fair share of the partitions by leases, renews them, takes what ran out
//! and gives back what is too much. Losing a lease is never dangerous: the fence decides.
//!
//! An operator may let a worker or a partition rest (`admin partitions drain`). A partition that
//! nobody will take is given back in two steps: first it is read no more, then, when all its events
//! are published, its lease is freed.

mod leases;

pub use leases::{Drains, Leases, Standing};

use crate::lag;
use crate::lane::{Cursor, Input, Lost};
use crate::reader::{self, Ended};
use crate::relay;
use medique_contracts::subjects::PARTITIONS;
use medique_platform::bus::Bus;
use medique_platform::failpoint;
use medique_platform::lifecycle::Lifecycle;
use medique_platform::telemetry::metrics::catalogue::{LEASE_CHANGES, PARTITIONS_OWNED};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// A lane as the manager sees it.
#[derive(Debug, Clone)]
pub struct LaneHandle {
    /// Its input.
    pub input: mpsc::Sender<Input>,
    /// Its relay.
    pub relay: relay::Handle,
}

/// Holds partitions until told to stop, then gives all back.
#[derive(Debug)]
pub struct Manager {
    leases: Leases,
    bus: Bus,
    lanes: Vec<LaneHandle>,
    lost: mpsc::UnboundedReceiver<Lost>,
    held: BTreeMap<i16, Held>,
    lifecycle: Lifecycle,
}

#[derive(Debug)]
struct Held {
    epoch: i64,
    reader: JoinHandle<()>,
    /// Nothing of it is read or decided any more; what was decided is being published.
    at_rest: bool,
}

impl Manager {
    /// A manager over `lanes`. It brings the process down when the broker's log is behind a cursor.
    pub fn new(
        leases: Leases,
        bus: Bus,
        lanes: Vec<LaneHandle>,
        lost: mpsc::UnboundedReceiver<Lost>,
        lifecycle: Lifecycle,
    ) -> Self {
        Self {
            leases,
            bus,
            lanes,
            lost,
            held: BTreeMap::new(),
            lifecycle,
        }
    }

    /// Runs until `stop`.
    pub async fn run(mut self, every: Duration, stop: CancellationToken) {
        PARTITIONS_OWNED.set(0.0, []);
        let mut tick = interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(lost) = self.lost.recv() => self.forget(lost),
                _ = tick.tick() => {
                    if let Err(error) = self.turn().await {
                        tracing::warn!(%error, "leases not renewed, trying again");
                    }
                }
            }
        }
        for partition in self.held.keys().copied().collect::<Vec<_>>() {
            self.give_back(partition).await;
        }
        if let Err(error) = self.leases.leave().await {
            tracing::warn!(%error, "not signed off, the others notice when the lease runs out");
        }
    }

    async fn turn(&mut self) -> Result<(), sqlx::Error> {
        let drains = self.leases.drains().await?;
        // Who rests has no share, and the others share as if it were not there.
        let standing = match drains.worker {
            true => None,
            false => Some(self.leases.stand().await?),
        };
        let held: Vec<_> = self
            .held
            .iter()
            .map(|(id, held)| (*id, held.epoch))
            .collect();
        if !held.is_empty() {
            let renewed = self.leases.renew(&held).await?;
            for (partition, epoch) in held {
                if !renewed.contains(&partition) {
                    self.forget(Lost { partition, epoch });
                }
            }
        }
        self.rest(&drains).await?;
        let Some(standing) = standing else {
            return self.leases.leave().await;
        };
        let share =
            standing.fair_share(usize::from(PARTITIONS).saturating_sub(drains.partitions.len()));
        let at_work = self.held.iter().filter(|(_, held)| !held.at_rest);
        let at_work: Vec<_> = at_work.map(|(id, _)| *id).collect();
        for partition in at_work.iter().skip(share) {
            self.give_back(*partition).await;
        }
        if at_work.len() < share {
            for (partition, cursor) in self.leases.claim(share - at_work.len()).await? {
                self.take(partition, cursor).await;
            }
        }
        Ok(())
    }

    /// Gives back what is to rest.
    async fn rest(&mut self, drains: &Drains) -> Result<(), sqlx::Error> {
        let is_told = |partition: &i16| drains.worker || drains.partitions.contains(partition);
        let told: Vec<_> = self.held.keys().copied().filter(is_told).collect();
        for partition in told {
            self.quiet(partition).await;
        }
        // Also those that were told to go on meanwhile: they are claimed anew.
        let at_rest = self.held.iter().filter(|(_, held)| held.at_rest);
        for partition in at_rest.map(|(id, _)| *id).collect::<Vec<_>>() {
            if self.leases.is_published(partition).await? {
                self.give_back(partition).await;
            }
        }
        Ok(())
    }

    fn lane(&self, partition: i16) -> &LaneHandle {
        &self.lanes[usize::try_from(partition).unwrap_or_default() % self.lanes.len()]
    }

    async fn take(&mut self, partition: i16, cursor: Cursor) {
        failpoint::hit("during_takeover").await;
        tracing::info!(
            partition,
            epoch = cursor.epoch,
            last_seq = cursor.last_seq,
            "partition taken"
        );
        lag::hold(partition);
        let lane = self.lane(partition).clone();
        let (epoch, last_seq) = (cursor.epoch, cursor.last_seq);
        lane.relay.assigned(partition);
        if lane
            .input
            .send(Input::Assign { partition, cursor })
            .await
            .is_err()
        {
            return;
        }
        let (bus, lifecycle) = (self.bus.clone(), self.lifecycle.clone());
        let reader = tokio::spawn(async move {
            match reader::read(bus, partition, epoch, last_seq, lane.input).await {
                Ended::LaneClosed => {}
                Ended::WrongLog(error) => {
                    tracing::error!(partition, last_seq, %error, "the broker's log does not fit the cursor, stopping");
                    lifecycle.fail();
                }
            }
        });
        let held = Held {
            epoch,
            reader,
            at_rest: false,
        };
        self.held.insert(partition, held);
        self.changed("taken");
    }

    /// Stops reading, and lets the lane finish what it has.
    async fn quiet(&mut self, partition: i16) {
        let lane = self.lane(partition).clone();
        let Some(held) = self.held.get_mut(&partition).filter(|held| !held.at_rest) else {
            return;
        };
        held.at_rest = true;
        held.reader.abort();
        let (done, finished) = oneshot::channel();
        if lane
            .input
            .send(Input::Release { partition, done })
            .await
            .is_ok()
        {
            // An error means that the lane stopped, which is as good.
            let _ = finished.await;
        }
    }

    /// Lets go of a partition and frees its lease.
    async fn give_back(&mut self, partition: i16) {
        self.quiet(partition).await;
        let Some(held) = self.held.remove(&partition) else {
            return;
        };
        self.changed("given");
        self.lane(partition).relay.released(partition);
        lag::forget(partition);
        match self.leases.release(partition, held.epoch).await {
            Ok(()) => tracing::info!(partition, epoch = held.epoch, "partition given back"),
            Err(error) => {
                tracing::warn!(partition, %error, "lease not freed, it runs out by itself")
            }
        }
    }

    /// Tells that a lease changed.
    fn changed(&self, kind: &'static str) {
        LEASE_CHANGES.add(1, [kind.into()]);
        PARTITIONS_OWNED.set(self.held.len() as f64, []);
    }

    /// Another process owns the partition: stop reading it.
    fn forget(&mut self, lost: Lost) {
        if self
            .held
            .get(&lost.partition)
            .is_none_or(|held| held.epoch != lost.epoch)
        {
            return;
        }
        tracing::warn!(
            partition = lost.partition,
            epoch = lost.epoch,
            "partition lost"
        );
        if let Some(held) = self.held.remove(&lost.partition) {
            held.reader.abort();
        }
        self.changed("lost");
        lag::forget(lost.partition);
        self.lane(lost.partition).relay.released(lost.partition);
    }
}
