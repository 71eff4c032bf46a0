//! Refuses to work on a log that is not the one the database knows.
//!
//! The process stays up, alive and not ready, says why, and looks again: what an operator decides
//! takes effect without a restart. Nothing is read, decided or published meanwhile.

use medique_platform::bus::Bus;
use medique_platform::continuity::{self, Continuity};
use medique_platform::lifecycle::Lifecycle;
use sqlx::PgPool;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A refusal is said at first, and again after so many looks.
const SAY_EVERY: u32 = 30;

/// Waits until the log fits the cursors; false when the process is to stop before that.
pub async fn fits(pool: &PgPool, bus: &Bus, lifecycle: &Lifecycle, log_fits: &AtomicBool) -> bool {
    let mut refusals = 0_u32;
    loop {
        match continuity::look(pool, bus).await {
            Ok(Continuity::Whole) => {
                if refusals > 0 {
                    tracing::info!("the broker's log fits the database, work begins");
                }
                log_fits.store(true, Ordering::Relaxed);
                return true;
            }
            Ok(found) => {
                if refusals.is_multiple_of(SAY_EVERY) {
                    tracing::error!(
                        found = %found,
                        "the broker's log does not fit the database, refusing to work until an operator decides: see `medique-worker admin broker check` and docs/operations/backup-and-recovery.md"
                    );
                }
                refusals = refusals.wrapping_add(1);
            }
            Err(error) => {
                tracing::warn!(%error, "the broker's log cannot be held against the database, trying again");
            }
        }
        tokio::select! {
            () = lifecycle.soft.cancelled() => return false,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
