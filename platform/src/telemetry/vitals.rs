//! What every process tells about its own connections, every few seconds.

use super::metrics::catalogue::{
    BROKER_CONNECTED, DATABASE_CONNECTED, POOL_CONNECTIONS, POOL_WAIT,
};
use crate::bus::Bus;
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(5);
/// Longest time that a look may take.
const LOOK_MAX: Duration = Duration::from_secs(3);

/// Tells until `stop`.
pub async fn tell(pool: PgPool, bus: Bus, stop: CancellationToken) {
    loop {
        BROKER_CONNECTED.set(flag(bus.is_connected()), []);
        let answers = tokio::time::timeout(LOOK_MAX, ask(&pool)).await;
        DATABASE_CONNECTED.set(flag(matches!(answers, Ok(Ok(())))), []);
        connections(&pool);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// Waits for a connection as a request would, and asks the least.
async fn ask(pool: &PgPool) -> Result<(), sqlx::Error> {
    let begun = Instant::now();
    let mut connection = pool.acquire().await?;
    POOL_WAIT.time(begun.elapsed(), []);
    sqlx::query("SELECT 1").execute(&mut *connection).await?;
    Ok(())
}

fn connections(pool: &PgPool) {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    let used = pool.size().saturating_sub(idle);
    for (state, count) in [
        ("idle", idle),
        ("used", used),
        ("max", pool.options().get_max_connections()),
    ] {
        POOL_CONNECTIONS.set(f64::from(count), [state.into()]);
    }
}
