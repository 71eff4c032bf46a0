//! How the API learns what workers decided: their notices (fast, best effort) and the partitions'
//! rows (the truth, looked at twice a second).

use super::gate::Gate;
use super::waiters::Waiters;
use crate::app::Shared;
use futures::StreamExt;
use medique_contracts::outcome::DecidedNotice;
use medique_contracts::subjects::{COMMANDS_STREAM, DECIDED};
use std::time::Duration;

/// Pause between two looks at the partitions.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longest time that a look may take.
const LOOK_MAX: Duration = Duration::from_secs(2);
/// The stream is looked at each so many looks at the partitions.
const STREAM_EVERY: u32 = 2;
/// Pause before listening again.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// Follows the workers' notices as long as requests are served.
pub async fn follow(app: Shared) {
    let ends = app.served.clone();
    loop {
        match app.bus.listen(DECIDED).await {
            Ok(mut notices) => {
                let following = async {
                    while let Some(payload) = notices.next().await {
                        take(&payload, &app.gate, &app.waiters);
                    }
                };
                tokio::select! {
                    () = following => {}
                    () = ends.cancelled() => return,
                }
            }
            Err(error) => tracing::warn!(%error, "cannot listen to the workers' notices"),
        }
        tokio::select! {
            () = tokio::time::sleep(LISTEN_AGAIN) => {}
            () = ends.cancelled() => return,
        }
    }
}

/// Outcomes first: whoever is woken by a cursor finds the outcome there already.
fn take(payload: &[u8], gate: &Gate, waiters: &Waiters) {
    match serde_json::from_slice::<DecidedNotice>(payload) {
        Ok(notice) => {
            for decided in notice.decided {
                waiters.tell(decided);
            }
            gate.advance(notice.cursors);
        }
        Err(error) => tracing::warn!(%error, "a notice of a worker cannot be read"),
    }
}

/// Looks at the partitions and the stream as long as requests are served.
pub async fn look(app: Shared) {
    let ends = app.served.clone();
    let mut seen = None;
    for round in 0_u32.. {
        if let Some(partitions) = look_at_partitions(&app).await {
            seen = Some(partitions);
        }
        // The stream after the partitions: a cursor is never beyond the end of its own log.
        if round % STREAM_EVERY == 0
            && let Some(Partitions { processed, cursor }) = seen
            && let Ok(state) = app.bus.stream_state(COMMANDS_STREAM).await
        {
            app.gate.set_total(state.last_seq.saturating_sub(processed));
            if state.last_seq < cursor {
                tracing::error!(
                    last_seq = state.last_seq,
                    cursor,
                    "the broker's log is behind the database, nothing is accepted"
                );
            }
            app.gate.set_log_behind(state.last_seq < cursor);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = ends.cancelled() => return,
        }
    }
}

/// Of all partitions together.
#[derive(Clone, Copy)]
struct Partitions {
    /// Commands processed.
    processed: u64,
    /// The highest cursor.
    cursor: u64,
}

/// Advances the gate, and tells how far the partitions are when the database answers.
async fn look_at_partitions(app: &Shared) -> Option<Partitions> {
    let query =
        sqlx::query_as::<_, (i16, i64, i64)>("SELECT id, last_seq, processed FROM partition")
            .fetch_all(&app.pool);
    let rows = match tokio::time::timeout(LOOK_MAX, query).await {
        Ok(Ok(rows)) => rows,
        Ok(Err(error)) => {
            tracing::debug!(%error, "cannot look at the partitions");
            return None;
        }
        Err(_) => return None,
    };
    app.gate.advance(
        rows.iter()
            .map(|row| (row.0.unsigned_abs(), row.1.unsigned_abs())),
    );
    Some(Partitions {
        processed: rows.iter().map(|row| row.2.unsigned_abs()).sum(),
        cursor: rows.iter().map(|row| row.1.unsigned_abs()).max()?,
    })
}
