//! Waiting for an outcome (`Prefer: wait=N`).

use super::intent::Intent;
use super::outcome::Decided;
use super::position::Position;
use super::waiters::Waiter;
use crate::app::App;
use std::time::Duration;
use tokio::time::Instant;

/// Pause between two looks for an outcome that a worker is asked to tell.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The same where nobody tells: the command was accepted before, perhaps without anyone waiting.
const LOOK_EVERY_REPLAYED: Duration = Duration::from_millis(50);

/// How a request waits.
pub(super) struct Awaited {
    /// At most so long.
    pub(super) wait_s: u32,
    /// Whether the command had been accepted before.
    pub(super) replayed: bool,
}

/// Waits for the outcome. The worker's notice is the fast way; the partition's cursor and the
/// inbox are the sure one.
pub(super) async fn wait(
    app: &App,
    waiter: &mut Waiter<'_>,
    intent: &Intent,
    position: &Position,
    awaited: &Awaited,
) -> Option<Decided> {
    let deadline = Instant::now() + Duration::from_secs(u64::from(awaited.wait_s));
    let pause = if awaited.replayed {
        LOOK_EVERY_REPLAYED
    } else {
        LOOK_EVERY
    };
    loop {
        let last = Instant::now() + pause >= deadline;
        tokio::select! {
            biased;
            told = &mut waiter.told => {
                if let Ok(decided) = told {
                    return Some(Decided::from(&*decided));
                }
                // Told to nobody: the registry went away with the process.
                return None;
            }
            () = tokio::time::sleep_until(deadline.min(Instant::now() + pause)) => {}
            // A replica that ends answers with the acceptance: any other can tell the outcome.
            () = app.lifecycle.soft.cancelled() => return None,
        }
        let worth_a_look =
            last || awaited.replayed || app.gate.is_decided(position.partition, position.seq);
        if worth_a_look && let Ok(Some(row)) = app.inbox.get(intent.id).await {
            return Some(Decided::from(&*row));
        }
        if last {
            return None;
        }
    }
}
