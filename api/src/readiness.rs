//! Whether this replica has started, and whether it may be sent requests.

use crate::app::App;
use medique_platform::bus::BusError;
use medique_platform::schema::Schema;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Pause between two looks at the broker.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Pause while not everything has been seen yet.
const LOOK_AT_START: Duration = Duration::from_millis(200);

/// What the last look at the broker and the database found.
#[derive(Debug, Default)]
pub struct Readiness {
    streams: AtomicBool,
    schema: AtomicBool,
    durable: AtomicBool,
}

impl App {
    /// Whether requests are welcome: the replica has started, NATS is connected and writes to disk
    /// as policy asks, what was revoked is known, and the process is not ending.
    pub fn is_ready(&self) -> bool {
        self.why_not_ready().is_empty()
    }

    /// Whether the streams have been found as declared once, and the schema as this build needs it.
    pub fn has_started(&self) -> bool {
        self.readiness.streams.load(Ordering::Relaxed)
            && self.readiness.schema.load(Ordering::Relaxed)
    }

    /// What speaks against sending requests here.
    pub fn why_not_ready(&self) -> Vec<&'static str> {
        let loaded = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let state = &self.readiness;
        let conditions = [
            (!self.lifecycle.is_draining(), "it is ending"),
            (loaded(&state.streams), "the streams were not seen yet"),
            (
                loaded(&state.schema),
                "the database was not seen yet with every migration of this build",
            ),
            (self.live.has_started(), "live streams have not begun"),
            (
                loaded(&state.durable),
                "the broker does not sync as policy asks, or was not asked yet",
            ),
            (self.bus.is_connected(), "the broker is away"),
            (self.revocations.can_see(), "what was revoked is not known"),
        ];
        let unmet = conditions.into_iter().filter(|(holds, _)| !holds);
        unmet.map(|(_, why)| why).collect()
    }
}

/// Looks until the process ends. Streams that are not as this build declares them end the process:
/// publishing into them would break promises.
pub async fn watch(app: Arc<App>) {
    loop {
        if !app.readiness.schema.load(Ordering::Relaxed) {
            look_at_schema(&app).await;
        }
        match look(&app).await {
            Ok(()) => {}
            Err(error @ BusError::Drift { .. }) => {
                tracing::error!(%error, "the streams are not as this build declares them");
                app.lifecycle.fail();
                return;
            }
            Err(error) => tracing::warn!(%error, "the broker cannot be looked at"),
        }
        let pause = match app.has_started() {
            true => LOOK_EVERY,
            false => LOOK_AT_START,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.lifecycle.soft.cancelled() => return,
        }
    }
}

async fn look(app: &App) -> Result<(), BusError> {
    if !app.readiness.streams.load(Ordering::Relaxed) {
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
    app.readiness.streams.store(true, Ordering::Relaxed);
    Ok(())
}

/// Once found, it stays: migrations are never taken back.
async fn look_at_schema(app: &App) {
    match Schema::look(&app.pool).await {
        Ok(schema) if schema.fits() => app.readiness.schema.store(true, Ordering::Relaxed),
        Ok(schema) => tracing::warn!(
            missing = ?schema.missing,
            different = ?schema.different,
            "the database does not have the schema of this build: run `medique-worker migrate`"
        ),
        Err(error) => tracing::warn!(%error, "the schema cannot be looked at"),
    }
}
