//! What time alone causes. Duties never change a visit themselves: they send commands, with ids
//! derived from what they are about, so any number of schedulers may run and each duty is done once.

mod accounts;
mod commands;
mod figures;
pub mod persons;
mod retention;
mod trail;
mod trip;

use crate::audit;
use crate::config::Config;
use anyhow::Context as _;
use jsonwebtoken::EncodingKey;
use medique_platform::bus::Bus;
use medique_platform::clock;
use persons::Retention;
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often duties are looked at.
const EVERY: Duration = Duration::from_secs(10);

/// Runs the duties.
pub struct Scheduler {
    pool: PgPool,
    bus: Bus,
    scan_ttl: Duration,
    retention: Duration,
    persons: Retention,
    trip_percent: u8,
    audit_key: Option<EncodingKey>,
    root_key: Option<audit::RootKey>,
}

impl Scheduler {
    /// A scheduler.
    ///
    /// # Errors
    /// The audit key cannot be read.
    pub fn new(config: &Config, pool: PgPool, bus: Bus) -> anyhow::Result<Self> {
        let audit_key = config
            .audit_key
            .as_ref()
            .map(audit::signing_key)
            .transpose()
            .context("MEDIQUE_AUDIT_SIGNING_KEY")?;
        let root_key = config.audit_key.as_ref().map(audit::RootKey::of);
        let retention = config.bus.commands_retention;
        Ok(Self {
            pool,
            bus,
            scan_ttl: config.scan_ttl,
            retention,
            persons: Retention::new(config.keep_persons),
            trip_percent: config.trip_percent,
            audit_key,
            root_key: root_key.transpose().context("MEDIQUE_AUDIT_SIGNING_KEY")?,
        })
    }

    /// Runs until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let (pool, bus, root_key) = (self.pool.clone(), self.bus.clone(), self.root_key.take());
        tokio::join!(
            self.duties(&stop),
            figures::tell(&pool, &bus, &stop),
            trail::check(&pool, root_key, &stop),
        );
    }

    async fn duties(&mut self, stop: &CancellationToken) {
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            report(
                "unconfirmed scans",
                commands::expire_scans(&self.pool, &self.bus, self.scan_ttl).await,
            );
            report(
                "day close",
                commands::close_days(&self.pool, &self.bus).await,
            );
            report(
                "trimming",
                retention::trim_commands(&self.pool, &self.bus, self.retention).await,
            );
            report(
                "adviser",
                trip::trip(&self.pool, &self.bus, self.trip_percent).await,
            );
            report("retention", self.persons.run(&self.pool, &self.bus).await);
            report("doctors", accounts::follow_doctors(&self.pool).await);
            report("accounts", accounts::forget(&self.pool).await);
            report("inbox", retention::trim_inbox(&self.pool).await);
            report("mails", retention::trim_mails(&self.pool).await);
            if let Some(key) = &self.audit_key {
                let signed = audit::sign_daily_root(&self.pool, key, clock::now()).await;
                report("audit root", signed.map(u64::from));
            }
        }
    }
}

/// A duty that fails is tried again at the next tick; nothing depends on its time.
fn report(duty: &'static str, done: anyhow::Result<u64>) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::info!(duty, count, "duty done"),
        Err(error) => tracing::warn!(
            duty,
            error = format!("{error:#}"),
            "duty not done, trying again later"
        ),
    }
}
