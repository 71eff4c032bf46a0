//! A lane folds and writes the messages of some of this process' partitions.
//!
//! One transaction covers whatever is waiting, over all partitions of the lane: the size of a batch
//! decides throughput, and each partition is fenced on its own (docs/adr/0004). A lone message is
//! applied at once; a lane that is busy lets a batch grow for about as long as the last one took.

mod apply;
mod batch;
mod fold;
mod load;
mod pace;
mod plan;
mod seal;
mod telling;
mod write;

pub use batch::{Cursor, Item};
pub use plan::OutboxRow;

use crate::relay;
use apply::{ApplyError, Committed, apply, park};
use batch::{Batch, Cursors};
use medique_domain::triage::Rules;
use medique_platform::bus::Bus;
use medique_platform::failpoint;
use medique_platform::privacy::Keys;
use medique_platform::retry::{Backoff, RetryPolicy};
use medique_platform::telemetry::metrics::catalogue::FENCE_FAILURES;
use medique_platform::telemetry::trace::Span;
use pace::Pace;
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What a lane is told. Control and messages share one channel, so a partition's cursor is always
/// there before its first message, and gone after its last.
#[derive(Debug)]
pub enum Input {
    /// A partition is now this lane's.
    Assign {
        /// Which.
        partition: i16,
        /// Where it stands.
        cursor: Cursor,
    },
    /// The next message of a partition, read under an epoch.
    Message {
        /// The message.
        item: Box<Item>,
        /// Epoch under which it was read.
        epoch: i64,
    },
    /// The partition goes to another process; answered when nothing of it is in hand.
    Release {
        /// Which.
        partition: i16,
        /// Told when done.
        done: oneshot::Sender<()>,
    },
}

/// What a lane needs.
#[derive(Debug, Clone)]
pub struct Context {
    /// Database.
    pub pool: PgPool,
    /// Broker, for the notice after a commit.
    pub bus: Bus,
    /// Where committed events go to be published.
    pub relay: relay::Handle,
    /// Keys that seal what tells of persons.
    pub keys: Keys,
    /// What safety floors are computed with.
    pub rules: Rules,
    /// Most messages in one transaction.
    pub batch_max: usize,
    /// Told which partitions turned out to have another owner.
    pub lost: mpsc::UnboundedSender<Lost>,
}

/// A partition that turned out to have another owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Which.
    pub partition: i16,
    /// Epoch under which this process held it.
    pub epoch: i64,
}

/// Runs until the input ends.
pub async fn run(context: Context, mut input: mpsc::Receiver<Input>) {
    let mut lane = Lane {
        context,
        cursors: Cursors::new(),
    };
    let mut inbox = Vec::new();
    let mut pace = Pace::default();
    loop {
        if input.recv_many(&mut inbox, lane.context.batch_max).await == 0 {
            return;
        }
        pace.gather(&mut input, &mut inbox, lane.context.batch_max)
            .await;
        let size = inbox.len();
        let mut items = Vec::with_capacity(inbox.len());
        for next in inbox.drain(..) {
            match next {
                Input::Message { item, epoch } => {
                    // Read for an owner that this process no longer is.
                    if lane
                        .cursors
                        .get(&item.partition)
                        .is_some_and(|cursor| cursor.epoch == epoch)
                    {
                        items.push(*item);
                    }
                }
                Input::Assign { partition, cursor } => {
                    lane.process(std::mem::take(&mut items)).await;
                    lane.cursors.insert(partition, cursor);
                }
                Input::Release { partition, done } => {
                    lane.process(std::mem::take(&mut items)).await;
                    lane.cursors.remove(&partition);
                    // The receiver is gone when the process stops: nobody to tell.
                    let _ = done.send(());
                }
            }
        }
        lane.process(items).await;
        pace.applied(size);
    }
}

struct Lane {
    context: Context,
    cursors: Cursors,
}

/// How often a message that the database refuses is tried before it is parked.
const TRIES_MAX: u32 = 3;

impl Lane {
    /// Applies the items in order, cutting the batch until every culprit is alone and parked.
    async fn process(&mut self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        failpoint::hit("after_fetch").await;
        let mut waiting = vec![items];
        while let Some(items) = waiting.pop() {
            let batch = Arc::new(Batch::new(self.current(items), &self.cursors));
            if batch.items.is_empty() {
                continue;
            }
            let mut span = telling::of(&batch);
            let alone = batch.items.len() == 1;
            match self
                .apply_with_patience(&batch, if alone { TRIES_MAX } else { 1 })
                .await
            {
                Ok(committed) => self.committed(committed, &batch, &span).await,
                Err(ApplyError::Fenced) => {
                    span.fail("fenced");
                    self.drop_lost(&batch).await;
                    waiting.push(Arc::unwrap_or_clone(batch).items);
                }
                Err(error) if alone => {
                    tracing::error!(seq = batch.items[0].seq(), %error, "command parked");
                    span.fail("refused");
                    self.park(&batch, &span, &error.public_reason()).await;
                }
                Err(error) => {
                    tracing::warn!(messages = batch.items.len(), %error, "batch refused, cut in two");
                    span.fail("refused");
                    let (first, rest) = Arc::unwrap_or_clone(batch).split();
                    waiting.push(rest);
                    waiting.push(first.items);
                }
            }
        }
    }

    /// Items whose partition this lane still holds, and that are not behind its cursor.
    fn current(&self, items: Vec<Item>) -> Vec<Item> {
        let ahead = |item: &Item| {
            self.cursors
                .get(&item.partition)
                .is_some_and(|cursor| item.seq() > cursor.last_seq)
        };
        items.into_iter().filter(ahead).collect()
    }

    /// Retries while the database is away, for ever: the partition waits, nothing is lost. An error
    /// that is about the data is returned after `tries`.
    async fn apply_with_patience(
        &self,
        batch: &Arc<Batch>,
        tries: u32,
    ) -> Result<Committed, ApplyError> {
        let mut backoff = Backoff::new(RetryPolicy::default());
        let mut refusals = 0;
        loop {
            let error = match apply(&self.context, batch).await {
                Ok(committed) => return Ok(committed),
                Err(error @ ApplyError::Fenced) => return Err(error),
                Err(error) => error,
            };
            if !error.is_transient() {
                refusals += 1;
                if refusals >= tries {
                    return Err(error);
                }
            } else {
                tracing::warn!(%error, "batch not committed, trying again");
            }
            backoff.wait().await;
        }
    }

    async fn park(&mut self, batch: &Batch, span: &Span, reason: &str) {
        let mut backoff = Backoff::new(RetryPolicy::default());
        loop {
            match park(&self.context, batch, reason).await {
                Ok(committed) => return self.committed(committed, batch, span).await,
                Err(ApplyError::Fenced) => return self.drop_lost(batch).await,
                Err(error) => {
                    tracing::error!(%error, "dead letter not written, trying again");
                    backoff.wait().await;
                }
            }
        }
    }

    async fn committed(&mut self, mut committed: Committed, batch: &Batch, span: &Span) {
        failpoint::hit("after_commit").await;
        self.cursors.extend(committed.after.clone());
        self.context
            .bus
            .tell(
                medique_contracts::subjects::DECIDED,
                serde_json::to_vec(&committed.notice)
                    .unwrap_or_default()
                    .into(),
            )
            .await;
        self.context
            .relay
            .committed(std::mem::take(&mut committed.outbox));
        // Last: whoever waits for the outcome does not wait for this.
        telling::committed(span, batch, &committed);
    }

    /// Finds out which partitions of the batch have another owner, and lets go of them.
    async fn drop_lost(&mut self, batch: &Batch) {
        FENCE_FAILURES.add(1, []);
        let held: Vec<_> = batch
            .before
            .iter()
            .map(|(id, cursor)| (*id, cursor.epoch))
            .collect();
        let mut backoff = Backoff::new(RetryPolicy::default());
        let owned: BTreeSet<i16> = loop {
            match apply::still_owned(&self.context.pool, &batch.before).await {
                Ok(owned) => break owned,
                Err(error) => {
                    tracing::warn!(%error, "owners not read, trying again");
                    backoff.wait().await;
                }
            }
        };
        for (partition, epoch) in held.into_iter().filter(|(id, _)| !owned.contains(id)) {
            tracing::warn!(partition, epoch, "partition has another owner, letting go");
            self.cursors.remove(&partition);
            // The manager may have stopped already.
            let _ = self.context.lost.send(Lost { partition, epoch });
        }
    }
}
