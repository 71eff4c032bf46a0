//! Whether this replica may be sent requests.

use crate::app::App;
use medique_platform::bus::BusError;
use medique_platform::schema::{self, SchemaError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Pause between two looks at the broker.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Pause while the broker has not been seen yet.
const LOOK_AT_START: Duration = Duration::from_millis(200);

/// What the last look at the broker found.
#[derive(Debug, Default)]
pub struct Readiness {
    started: AtomicBool,
    schema: AtomicBool,
    durable: AtomicBool,
}

impl App {
    /// Whether requests are welcome: the schema was found new enough, NATS is connected, its
    /// streams are as declared, it writes to disk as policy asks, what was revoked is known, and the process is not ending.
    pub fn is_ready(&self) -> bool {
        self.has_started()
            && self.live.has_started()
            && self.readiness.schema.load(Ordering::Relaxed)
            && self.readiness.durable.load(Ordering::Relaxed)
            && self.bus.is_connected()
            && self.revocations.can_see()
            && !self.lifecycle.soft.is_cancelled()
    }

    /// Whether the streams have been found as declared once.
    pub fn has_started(&self) -> bool {
        self.readiness.started.load(Ordering::Relaxed)
    }
}

/// Looks at the broker until the process ends. Streams that are not as this build declares them end
/// the process: publishing into them would break promises. So does a schema that is older than this
/// build.
pub async fn watch(app: Arc<App>) {
    loop {
        if !app.readiness.schema.load(Ordering::Relaxed) {
            match schema::check(&app.pool).await {
                Ok(()) => app.readiness.schema.store(true, Ordering::Relaxed),
                Err(error @ SchemaError::Older { .. }) => {
                    tracing::error!(%error, "this build cannot run on this database");
                    app.lifecycle.fail();
                    return;
                }
                Err(error) => tracing::warn!(%error, "the schema cannot be looked at"),
            }
        }
        let pause = match look(&app).await {
            Ok(()) => LOOK_EVERY,
            Err(error @ BusError::Drift { .. }) => {
                tracing::error!(%error, "the streams are not as this build declares them");
                app.lifecycle.fail();
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "the broker cannot be looked at");
                if app.has_started() {
                    LOOK_EVERY
                } else {
                    LOOK_AT_START
                }
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.lifecycle.soft.cancelled() => return,
        }
    }
}

async fn look(app: &App) -> Result<(), BusError> {
    if !app.has_started() {
        app.bus.ensure_streams().await?;
    }
    let durable = match app.bus.check_durability().await {
        Ok(()) => true,
        Err(BusError::NotSynced) => false,
        Err(error) => return Err(error),
    };
    if !durable {
        tracing::warn!("policy asks for sync_interval always and the broker does not have it");
    }
    app.readiness.durable.store(durable, Ordering::Relaxed);
    app.readiness.started.store(true, Ordering::Relaxed);
    Ok(())
}
