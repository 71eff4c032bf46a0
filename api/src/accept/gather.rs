//! Many lookups, one statement. Requests that arrive while a query is on its way share the next
//! one. A lone request does not wait for company.

use futures::future::BoxFuture;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Most keys in one statement.
const BATCH_MAX: usize = 512;
/// Statements on their way at once. One, so that batches form under load.
const IN_FLIGHT_MAX: usize = 1;
/// Statements start at least this far apart: most of what one costs does not depend on how many keys
/// it asks for. The publishing that goes on meanwhile takes about as long.
const SPACING: Duration = Duration::from_millis(2);
/// Lookups that may stand in line.
const LINE_MAX: usize = 16_384;
/// Longest time that one statement may take, with the wait for a connection.
const STATEMENT_WAIT_MAX: Duration = Duration::from_secs(2);
/// For how long the database is not asked again after it failed. Without this every request would
/// wait for its own timeout while the database is away.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);

/// The database did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database did not answer")]
pub struct Unavailable;

type Load<K, V> =
    Arc<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, sqlx::Error>> + Send + Sync>;
type Waiting<K, V> = (K, oneshot::Sender<Result<Option<V>, Unavailable>>);

/// Looks single keys up, many at a time.
pub(super) struct Gatherer<K, V> {
    line: mpsc::Sender<Waiting<K, V>>,
    circuit: Arc<Circuit>,
}

impl<K, V> Gatherer<K, V>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + 'static,
{
    /// Starts the task that asks. It ends with the last handle.
    pub(super) fn start<F>(load: F) -> Self
    where
        F: Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, sqlx::Error>>
            + Send
            + Sync
            + 'static,
    {
        let (line, waiting) = mpsc::channel(LINE_MAX);
        let circuit = Arc::new(Circuit::default());
        tokio::spawn(gather(waiting, Arc::new(load), Arc::clone(&circuit)));
        Self { line, circuit }
    }

    /// The value of a key, if the database has one.
    ///
    /// # Errors
    /// [`Unavailable`]: at once when the database has just failed.
    pub(super) async fn get(&self, key: K) -> Result<Option<V>, Unavailable> {
        if self.circuit.is_open() {
            return Err(Unavailable);
        }
        let (answer, answered) = oneshot::channel();
        self.line.try_send((key, answer)).map_err(|_| Unavailable)?;
        answered.await.map_err(|_| Unavailable)?
    }
}

/// Open for a moment after each failure.
struct Circuit {
    epoch: Instant,
    open_until_ms: AtomicU64,
}

impl Default for Circuit {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            open_until_ms: AtomicU64::new(0),
        }
    }
}

impl Circuit {
    fn now_ms(&self) -> u64 {
        self.epoch.elapsed().as_millis() as u64
    }

    fn is_open(&self) -> bool {
        self.now_ms() < self.open_until_ms.load(Ordering::Relaxed)
    }

    fn failed(&self) {
        let until = self.now_ms() + PAUSE_AFTER_FAILURE.as_millis() as u64;
        self.open_until_ms.store(until, Ordering::Relaxed);
    }

    fn succeeded(&self) {
        self.open_until_ms.store(0, Ordering::Relaxed);
    }
}

async fn gather<K, V>(
    mut waiting: mpsc::Receiver<Waiting<K, V>>,
    load: Load<K, V>,
    circuit: Arc<Circuit>,
) where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + 'static,
{
    let in_flight = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    let mut not_before = tokio::time::Instant::now();
    loop {
        let mut batch = Vec::new();
        // The permit comes first: what arrives while all statements are on their way joins the
        // batch.
        let Ok(permit) = Arc::clone(&in_flight).acquire_owned().await else {
            return;
        };
        if waiting.recv_many(&mut batch, BATCH_MAX).await == 0 {
            return;
        }
        if tokio::time::Instant::now() < not_before {
            tokio::time::sleep_until(not_before).await;
            while batch.len() < BATCH_MAX
                && let Ok(next) = waiting.try_recv()
            {
                batch.push(next);
            }
        }
        not_before = tokio::time::Instant::now() + SPACING;
        let (load, circuit) = (Arc::clone(&load), Arc::clone(&circuit));
        tokio::spawn(async move {
            let _permit = permit;
            answer(batch, &load, &circuit).await;
        });
    }
}

async fn answer<K, V>(batch: Vec<Waiting<K, V>>, load: &Load<K, V>, circuit: &Circuit)
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + 'static,
{
    let keys = batch.iter().map(|(key, _)| *key).collect();
    let found = match tokio::time::timeout(STATEMENT_WAIT_MAX, load(keys)).await {
        Ok(Ok(found)) => {
            circuit.succeeded();
            Ok(found)
        }
        Ok(Err(error)) => {
            circuit.failed();
            tracing::warn!(%error, "lookup failed");
            Err(Unavailable)
        }
        Err(_) => {
            circuit.failed();
            tracing::warn!("lookup timed out");
            Err(Unavailable)
        }
    };
    for (key, answer) in batch {
        let value = found
            .as_ref()
            .map(|found| found.get(&key).cloned())
            .map_err(|error| *error);
        // The request may have gone away meanwhile.
        let _ = answer.send(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[tokio::test]
    async fn lookups_that_come_together_share_a_statement() {
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&statements);
        let gatherer = Gatherer::start(move |keys: Vec<u32>| {
            counter.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(keys
                    .into_iter()
                    .filter(|key| key % 2 == 0)
                    .map(|key| (key, key * 10))
                    .collect())
            })
        });
        let lookups = (0..100).map(|key| gatherer.get(key));
        let found = futures::future::join_all(lookups).await;
        assert_eq!(found[4], Ok(Some(40)));
        assert_eq!(found[5], Ok(None));
        assert!(statements.load(Ordering::SeqCst) < 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_told_at_once_for_a_while() {
        let gatherer: Gatherer<u32, u32> =
            Gatherer::start(|_| Box::pin(async { Err(sqlx::Error::PoolTimedOut) }));
        assert_eq!(gatherer.get(1).await, Err(Unavailable));
        assert!(gatherer.circuit.is_open());
        assert_eq!(gatherer.get(1).await, Err(Unavailable));
    }
}
