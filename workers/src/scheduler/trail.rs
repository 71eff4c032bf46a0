//! Checks the whole audit trail now and then, and tells what it found.

use crate::audit::{RootKey, note, verify};
use medique_platform::clock;
use medique_platform::telemetry::metrics::catalogue::{AUDIT_VERIFIED, AUDIT_VERIFIED_AT};
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Pause before the first check: a process that has just started has other things to do.
const FIRST: Duration = Duration::from_secs(300);
/// Pause between two checks.
const EVERY: Duration = Duration::from_secs(3600);
/// A check reads every row: it takes at most this part of the time.
const SHARE: u32 = 20;

/// Checks until `stop`.
pub(super) async fn check(pool: &PgPool, key: Option<RootKey>, stop: &CancellationToken) {
    let mut pause = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        let begun = Instant::now();
        tokio::select! {
            () = once(pool, key.as_ref()) => {}
            () = stop.cancelled() => return,
        }
        pause = EVERY.max(begun.elapsed() * SHARE);
    }
}

/// Rows are named in the log; what they say is not.
async fn once(pool: &PgPool, key: Option<&RootKey>) {
    let begun = clock::now();
    match verify(pool, key, Vec::new()).await {
        Ok(report) => {
            if let Err(error) = note(pool, &report, begun).await {
                tracing::warn!(%error, "the check of the audit trail was not noted");
            }
            let whole = report.findings.is_empty();
            AUDIT_VERIFIED.set(f64::from(u8::from(whole)), []);
            AUDIT_VERIFIED_AT.set(clock::now().timestamp() as f64, []);
            if whole {
                tracing::info!(rows = report.rows, "the audit trail is whole");
            } else {
                let findings = report.findings.len();
                tracing::error!(
                    findings,
                    "the audit trail was tampered with: medique-worker admin audit verify"
                );
            }
        }
        Err(error) => tracing::warn!(%error, "the audit trail was not checked, trying again later"),
    }
}
