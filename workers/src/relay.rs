//! ⑦ Publishes the outbox: at least once, each visit's events in version order.
//!
//! One relay per lane. What a lane commits is handed over in memory, in commit order, and its rows
//! are deleted after the broker's acknowledgement. What was left behind by a crash, or by an owner
//! before, is read from the table: rows of one partition are written by one owner at a time, so
//! their ids grow in commit order.

mod table;
mod telling;

use crate::lane::OutboxRow;
use medique_platform::bus::Bus;
use medique_platform::failpoint;
use medique_platform::retry::{Backoff, RetryPolicy};
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, MissedTickBehavior, interval, sleep_until};

/// Most events in one publication.
const PUBLISH_MAX: usize = 256;
/// Committed batches that may wait in memory; beyond them the table is read instead.
const HANDOVER_MAX: usize = 256;
/// How often the table is looked at for rows that nobody handed over.
const RESCAN: Duration = Duration::from_secs(2);
/// For how long published events may stay in the table, and how many: deleting them together costs
/// one statement instead of one per publication. After a crash the next owner publishes them again
/// under the same ids, which the broker drops.
const DELETE_AFTER: Duration = Duration::from_millis(20);
const DELETE_AT: usize = 512;
/// How often a row that waits for another partition's event is looked at again.
const WAIT_FOR_OTHERS: Duration = Duration::from_millis(20);

type Row = (i64, OutboxRow);

/// Hands work to a relay.
#[derive(Debug, Clone)]
pub struct Handle {
    committed: mpsc::Sender<Vec<Row>>,
    partitions: mpsc::UnboundedSender<Partition>,
    /// Set when rows were left in the table: what is handed over after them must not overtake them.
    behind: Arc<AtomicBool>,
}

#[derive(Debug, Clone, Copy)]
enum Partition {
    Assigned(i16),
    Released(i16),
}

impl Handle {
    /// Events that were just committed, in order. Never waits: what does not fit stays in the table
    /// and is read from there.
    pub fn committed(&self, rows: Vec<Row>) {
        if !rows.is_empty() && self.committed.try_send(rows).is_err() {
            self.behind.store(true, Ordering::SeqCst);
        }
    }

    /// A partition is now this process': publish what its last owner left.
    pub fn assigned(&self, partition: i16) {
        // The relay is gone only when the process stops.
        let _ = self.partitions.send(Partition::Assigned(partition));
    }

    /// A partition is no longer this process'.
    pub fn released(&self, partition: i16) {
        let _ = self.partitions.send(Partition::Released(partition));
    }
}

/// Makes a relay and the handle to it. The relay runs until every handle is gone.
pub fn relay(pool: PgPool, bus: Bus) -> (Handle, impl Future<Output = ()> + Send) {
    let (committed, work) = mpsc::channel(HANDOVER_MAX);
    // Bounded by what the manager does: a few words per change of ownership.
    let (partitions, changes) = mpsc::unbounded_channel();
    let behind = Arc::new(AtomicBool::new(false));
    let relay = Relay {
        pool,
        bus,
        published: BTreeMap::new(),
        done: Vec::new(),
        delete_at: None,
        changes,
        behind: Arc::clone(&behind),
    };
    (
        Handle {
            committed,
            partitions,
            behind,
        },
        relay.run(work),
    )
}

struct Relay {
    pool: PgPool,
    bus: Bus,
    /// Highest outbox id published, per partition of this process.
    published: BTreeMap<i16, i64>,
    /// Published, and still in the table.
    done: Vec<i64>,
    /// When they are to go.
    delete_at: Option<Instant>,
    /// Partitions that come and go.
    changes: mpsc::UnboundedReceiver<Partition>,
    /// Rows were left in the table.
    behind: Arc<AtomicBool>,
}

impl Relay {
    async fn run(mut self, mut committed: mpsc::Receiver<Vec<Row>>) {
        let mut rescan = interval(RESCAN);
        rescan.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batches = Vec::new();
        loop {
            let delete_at = self.delete_at;
            tokio::select! {
                Some(change) = self.changes.recv() => self.change(change).await,
                received = committed.recv_many(&mut batches, HANDOVER_MAX) => {
                    if received == 0 {
                        return self.delete().await;
                    }
                    self.take_over(batches.drain(..).flatten().collect()).await;
                }
                () = sleep_until(delete_at.unwrap_or_else(Instant::now)), if delete_at.is_some() => {
                    self.delete().await;
                }
                _ = rescan.tick() => self.scan().await,
            }
        }
    }

    async fn change(&mut self, change: Partition) {
        match change {
            Partition::Assigned(partition) => {
                self.published.insert(partition, 0);
                self.scan().await;
            }
            Partition::Released(partition) => {
                self.delete().await;
                self.published.remove(&partition);
            }
        }
    }

    async fn take_over(&mut self, mut rows: Vec<Row>) {
        // A partition is assigned before its first row is committed: hear of it first.
        while let Ok(change) = self.changes.try_recv() {
            self.change(change).await;
        }
        // The flag is cleared before the table is read: what is committed from here on is either in
        // the table when it is read, or handed over and found there to be published already.
        if self.behind.swap(false, Ordering::SeqCst) {
            return self.scan().await;
        }
        rows.retain(|(id, row)| {
            self.published
                .get(&row.partition)
                .is_some_and(|last| id > last)
        });
        self.publish(rows).await;
    }

    /// Publishes rows in order, pausing at each that must wait for another partition.
    async fn publish(&mut self, rows: Vec<Row>) {
        let mut run = Vec::with_capacity(rows.len().min(PUBLISH_MAX));
        for row in rows {
            if row.1.waits_for_others {
                self.publish_run(std::mem::take(&mut run)).await;
                self.wait_for_others(&row.1).await;
            }
            run.push(row);
            if run.len() == PUBLISH_MAX {
                self.publish_run(std::mem::take(&mut run)).await;
            }
        }
        self.publish_run(run).await;
    }

    /// Publishes for ever until the broker has stored everything.
    async fn publish_run(&mut self, run: Vec<Row>) {
        if run.is_empty() {
            return;
        }
        self.done.extend(run.iter().map(|(id, _)| *id));
        for (id, row) in &run {
            self.published
                .entry(row.partition)
                .and_modify(|last| *last = (*last).max(*id));
        }
        let (messages, told): (Vec<_>, Vec<_>) = run
            .into_iter()
            .map(|(_, row)| telling::message(row))
            .unzip();
        let mut backoff = Backoff::new(RetryPolicy::default());
        while let Err(error) = self.bus.publish_events(&messages).await {
            tracing::warn!(%error, events = messages.len(), "events not published, trying again");
            backoff.wait().await;
        }
        telling::published(told);
        failpoint::hit("during_relay").await;
        self.delete_at
            .get_or_insert_with(|| Instant::now() + DELETE_AFTER);
        if self.done.len() >= DELETE_AT {
            self.delete().await;
        }
    }

    /// Deletes what was published.
    async fn delete(&mut self) {
        self.delete_at = None;
        if self.done.is_empty() {
            return;
        }
        let mut backoff = Backoff::new(RetryPolicy::default());
        while let Err(error) = table::delete(&self.pool, &self.done).await {
            tracing::warn!(%error, "published events not deleted, trying again");
            backoff.wait().await;
        }
        self.done.clear();
    }

    /// Waits until the visit's earlier events are published by whoever wrote them. Commit order is
    /// total, so two relays never wait for each other.
    async fn wait_for_others(&mut self, row: &OutboxRow) {
        let (Some(visit), Some(version)) = (row.visit_id, row.version) else {
            return;
        };
        // Others may wait for what this relay has published, and the row for what it has itself.
        self.delete().await;
        loop {
            match table::earlier_unpublished(&self.pool, visit, version).await {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => tracing::warn!(%error, "earlier events not read, trying again"),
            }
            tokio::time::sleep(WAIT_FOR_OTHERS).await;
        }
    }

    /// Publishes what stands in the table for this process' partitions.
    async fn scan(&mut self) {
        loop {
            let partitions: Vec<i16> = self.published.keys().copied().collect();
            if partitions.is_empty() {
                return;
            }
            self.delete().await;
            match table::read(&self.pool, &partitions, PUBLISH_MAX).await {
                Ok(rows) if rows.is_empty() => return,
                Ok(rows) => self.publish(rows).await,
                Err(error) => {
                    tracing::warn!(%error, "outbox not read, left to the next scan");
                    return;
                }
            }
        }
    }
}
