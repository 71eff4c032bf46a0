//! From start to stop: the first signal asks for an orderly end, the second demands one.
//!
//! Between the first signal and the end of new work lies the grace: the process says that it is not
//! ready any more, and goes on serving until whoever routes requests to it has noticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a process ends. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// Cancelled when the process was asked to end; everything still works for the grace.
    pub draining: CancellationToken,
    /// Cancelled when no new work should be begun.
    pub soft: CancellationToken,
    /// Cancelled when work in progress should be given up. Implies `soft`.
    pub hard: CancellationToken,
    /// What [`Lifecycle::drain`] waits for.
    pub tasks: TaskTracker,
    failed: Arc<AtomicBool>,
}

/// How the end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every task ended by itself.
    Cleanly,
    /// Tasks were still at work when the time was over or the second signal came.
    GivenUp,
}

impl Lifecycle {
    /// A lifecycle that no signal ends, for tests and one-shot commands.
    pub fn new() -> Self {
        Self::default()
    }

    /// A lifecycle that SIGTERM and SIGINT end: the first one softly, after `grace`, the second one
    /// hard.
    ///
    /// # Errors
    /// The system refuses a signal handler.
    pub fn with_signals(grace: Duration) -> std::io::Result<Self> {
        let lifecycle = Self::new();
        let signals = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        // Not among the tracked tasks: it must not hold up the drain.
        tokio::spawn(follow(signals, lifecycle.clone(), grace));
        Ok(lifecycle)
    }

    /// Starts a task that must run until the soft token is cancelled. When it ends earlier, by
    /// itself or by panic, the process is brought down and its exit code is a failure.
    pub fn spawn_critical(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let guard = CriticalGuard {
            name,
            soft: self.soft.clone(),
            failed: Arc::clone(&self.failed),
        };
        self.tasks.spawn(async move {
            // Dropped on return and on panic alike.
            let _guard = guard;
            task.await;
        });
    }

    /// Says that the process failed and should end.
    pub fn fail(&self) {
        self.failed.store(true, Ordering::SeqCst);
        self.soft.cancel();
    }

    /// Asks every task to end, waits for them at most `deadline`, then cancels the hard token and
    /// gives them one more second to notice.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        self.soft.cancel();
        self.tasks.close();
        let ended = tokio::select! {
            () = self.tasks.wait() => true,
            () = tokio::time::sleep(deadline) => false,
            () = self.hard.cancelled() => false,
        };
        self.hard.cancel();
        if ended {
            return Drained::Cleanly;
        }
        tracing::warn!(tasks = self.tasks.len(), "tasks still at work are given up");
        let _ = tokio::time::timeout(Duration::from_secs(1), self.tasks.wait()).await;
        Drained::GivenUp
    }

    /// Whether the process is on its way out: no reason to send it anything.
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled() || self.soft.is_cancelled()
    }

    /// Whether a critical task ended by itself or [`Lifecycle::fail`] was called.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    /// 0, or 1 after a failure.
    pub fn exit_code(&self) -> std::process::ExitCode {
        if self.has_failed() {
            std::process::ExitCode::FAILURE
        } else {
            std::process::ExitCode::SUCCESS
        }
    }
}

struct CriticalGuard {
    name: &'static str,
    soft: CancellationToken,
    failed: Arc<AtomicBool>,
}

impl Drop for CriticalGuard {
    fn drop(&mut self) {
        if !self.soft.is_cancelled() {
            tracing::error!(
                task = self.name,
                "a critical task ended, the process ends too"
            );
            self.failed.store(true, Ordering::SeqCst);
            self.soft.cancel();
        } else if std::thread::panicking() {
            self.failed.store(true, Ordering::SeqCst);
        }
    }
}

async fn follow(mut signals: (Signal, Signal), lifecycle: Lifecycle, grace: Duration) {
    let signal = next(&mut signals).await;
    tracing::info!(signal, grace_s = grace.as_secs(), "asked to end");
    lifecycle.draining.cancel();
    let again = tokio::select! {
        () = tokio::time::sleep(grace) => None,
        signal = next(&mut signals) => Some(signal),
    };
    lifecycle.soft.cancel();
    let signal = match again {
        Some(signal) => signal,
        None => next(&mut signals).await,
    };
    tracing::info!(signal, "asked to end at once");
    lifecycle.hard.cancel();
}

async fn next(signals: &mut (Signal, Signal)) -> &'static str {
    tokio::select! {
        _ = signals.0.recv() => "SIGTERM",
        _ = signals.1.recv() => "SIGINT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_critical_task_that_ends_brings_the_process_down() {
        let lifecycle = Lifecycle::new();
        lifecycle.spawn_critical("returns", async {});
        lifecycle.soft.cancelled().await;
        assert_eq!(
            lifecycle.drain(Duration::from_secs(5)).await,
            Drained::Cleanly
        );
        assert!(lifecycle.has_failed());
    }

    #[tokio::test]
    async fn a_critical_task_that_panics_brings_the_process_down() {
        let lifecycle = Lifecycle::new();
        lifecycle.spawn_critical("panics", async { panic!("on purpose") });
        lifecycle.soft.cancelled().await;
        assert!(lifecycle.has_failed());
    }

    #[tokio::test]
    async fn a_task_that_follows_the_soft_token_ends_cleanly() {
        let lifecycle = Lifecycle::new();
        let soft = lifecycle.soft.clone();
        lifecycle.spawn_critical("obeys", async move { soft.cancelled().await });
        assert_eq!(
            lifecycle.drain(Duration::from_secs(5)).await,
            Drained::Cleanly
        );
        assert!(!lifecycle.has_failed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_listen_is_given_up() {
        let lifecycle = Lifecycle::new();
        lifecycle.tasks.spawn(std::future::pending::<()>());
        assert_eq!(
            lifecycle.drain(Duration::from_secs(5)).await,
            Drained::GivenUp
        );
        assert!(lifecycle.hard.is_cancelled());
    }

    #[tokio::test]
    async fn the_hard_token_ends_the_wait() {
        let lifecycle = Lifecycle::new();
        let hard = lifecycle.hard.clone();
        lifecycle.tasks.spawn(async move { hard.cancelled().await });
        lifecycle.hard.cancel();
        assert_eq!(
            lifecycle.drain(Duration::from_secs(600)).await,
            Drained::GivenUp
        );
    }
}
