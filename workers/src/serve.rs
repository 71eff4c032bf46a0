//! `medique-worker serve`: starts the roles, watches them, and drains in order.

use crate::config::{Config, Roles};
use crate::health::{self, Health};
use crate::lag;
use crate::lane;
use crate::log_check;
use crate::mailer::Mailer;
use crate::ownership::{LaneHandle, Leases, Manager};
use crate::relay::relay;
use crate::scheduler::Scheduler;
use crate::triage::Adviser;
use anyhow::Context as _;
use medique_platform::ai;
use medique_platform::bus::Bus;
use medique_platform::health::Presence;
use medique_platform::lifecycle::{Drained, Lifecycle};
use medique_platform::postgres;
use medique_platform::retry::{Backoff, RetryPolicy};
use medique_platform::schema::Schema;
use medique_platform::sight;
use medique_platform::telemetry::vitals;
use medique_platform::tls::Acceptor;
use sqlx::PgPool;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Messages that may wait in front of a lane: a few batches.
const LANE_INPUT_MAX: usize = 1024;

/// Runs until a signal, or until something that cannot be mended here.
///
/// # Errors
/// A dependency is configured wrongly, or the schema is older than this build.
pub async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    let lifecycle = Lifecycle::with_signals(Duration::ZERO).context("signal handlers")?;
    let pool = postgres::connect(&config.database, "medique-worker", postgres::Plans::ByKey)
        .context("database")?;
    let bus = Bus::connect(&config.bus, "medique-worker")
        .await
        .context("broker")?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("MEDIQUE_WORKER_LISTEN: cannot listen on {}", config.listen))?;

    let tls = Acceptor::new(config.tls.as_ref()).context("MEDIQUE_TLS_CERTIFICATE")?;
    let adviser = adviser_client(&config)?;
    let presence = Presence::new(
        "medique-worker",
        config.worker_id.clone(),
        config.roles.as_str(),
        env!("CARGO_PKG_VERSION"),
    );
    let health = Arc::new(Health {
        presence: presence.clone(),
        roles: config.roles,
        pool: pool.clone(),
        bus: bus.clone(),
        adviser: adviser.clone(),
        lifecycle: lifecycle.clone(),
        started: AtomicBool::new(false),
        log_fits: AtomicBool::new(false),
        operator: config.operator.clone(),
    });
    // It answers to the last, so it is none of the tasks that a drain waits for.
    let served = CancellationToken::new();
    let serving = health::serve(listener, tls, Arc::clone(&health), served.clone());
    tokio::spawn(serving);
    if !(streams_ready(&bus, &lifecycle).await? && schema_ready(&pool, &lifecycle).await) {
        return Ok(ExitCode::SUCCESS); // stopped while something was away
    }
    health.started.store(true, Ordering::Relaxed);
    lifecycle
        .tasks
        .spawn(presence.tell(pool.clone(), lifecycle.clone()));
    let stop = lifecycle.soft.clone();
    lifecycle
        .tasks
        .spawn(sight::tell(pool.clone(), bus.clone(), stop));
    let stop = lifecycle.soft.clone();
    lifecycle
        .tasks
        .spawn(vitals::tell(pool.clone(), bus.clone(), stop));
    if log_check::fits(&pool, &bus, &lifecycle, &health.log_fits).await {
        start_roles(&config, &lifecycle, &pool, &bus, adviser)?;
    }
    lifecycle.soft.cancelled().await;
    let drained = lifecycle.drain(config.drain_deadline).await;
    bus.flush_and_close().await;
    pool.close().await;
    served.cancel();
    if drained == Drained::GivenUp {
        tracing::warn!("not drained in time; nothing is lost, the next owner goes on");
    }
    tracing::info!("worker stopped");
    Ok(lifecycle.exit_code())
}

fn start_roles(
    config: &Config,
    lifecycle: &Lifecycle,
    pool: &PgPool,
    bus: &Bus,
    adviser: Option<ai::Client>,
) -> anyhow::Result<()> {
    if config.roles.includes(Roles::Commands) {
        start_commands(config, lifecycle, pool, bus);
    }
    if config.roles.includes(Roles::Scheduler) {
        let duties = Scheduler::new(config, pool.clone(), bus.clone())?;
        lifecycle.spawn_critical("scheduler", duties.run(lifecycle.soft.clone()));
    }
    if config.roles.includes(Roles::Mailer) {
        start_mailer(config, lifecycle, pool);
    }
    if let (Some(client), Some(ai)) = (adviser, &config.ai) {
        let adviser = Adviser::new(config, pool.clone(), bus.clone(), client, ai.deadline);
        lifecycle.spawn_critical("triage", adviser.run(lifecycle.soft.clone()));
    }
    tracing::info!(worker = %config.worker_id, role = config.roles.as_str(), "worker started");
    Ok(())
}

/// Waits for the broker; a stream that is not as declared is an error at once.
async fn streams_ready(bus: &Bus, lifecycle: &Lifecycle) -> anyhow::Result<bool> {
    let mut backoff = Backoff::new(RetryPolicy::default());
    loop {
        match bus.ensure_streams().await {
            Ok(()) => return Ok(true),
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "streams not looked at yet, trying again");
            }
            Err(error) => return Err(error).context("streams"),
        }
        tokio::select! {
            () = lifecycle.soft.cancelled() => return Ok(false),
            _ = backoff.wait() => {}
        }
    }
}

/// Waits for the database to have every migration of this build.
async fn schema_ready(pool: &PgPool, lifecycle: &Lifecycle) -> bool {
    let mut backoff = Backoff::new(RetryPolicy::default());
    loop {
        match Schema::look(pool).await {
            Ok(schema) if schema.fits() => return true,
            Ok(schema) => tracing::warn!(
                missing = ?schema.missing,
                different = ?schema.different,
                "the database does not have the schema of this build: run `medique-worker migrate`"
            ),
            Err(error) => tracing::warn!(%error, "schema not looked at yet, trying again"),
        }
        tokio::select! {
            () = lifecycle.soft.cancelled() => return false,
            _ = backoff.wait() => {}
        }
    }
}

/// None in another role, or without a service.
fn adviser_client(config: &Config) -> anyhow::Result<Option<ai::Client>> {
    if !config.roles.includes(Roles::Triage) {
        return Ok(None);
    }
    let Some(ai) = config.ai.clone() else {
        tracing::warn!("MEDIQUE_AI_URL is not set: nobody is asked for triage advice");
        return Ok(None);
    };
    Ok(Some(ai::Client::new(ai).context("adviser")?))
}

fn start_mailer(config: &Config, lifecycle: &Lifecycle, pool: &PgPool) {
    let Some(mail) = config.mail.clone() else {
        tracing::warn!("MEDIQUE_SMTP_URL is not set: mails wait until a worker with it runs");
        return;
    };
    let mailer = Mailer::new(pool.clone(), mail);
    lifecycle.spawn_critical("mailer", mailer.run(lifecycle.soft.clone()));
}

fn start_commands(config: &Config, lifecycle: &Lifecycle, pool: &PgPool, bus: &Bus) {
    let (lost, losses) = mpsc::unbounded_channel();
    let lanes = (0..config.lanes)
        .map(|_| {
            let (relay, relaying) = relay(pool.clone(), bus.clone());
            let (input, messages) = mpsc::channel(LANE_INPUT_MAX);
            let context = lane::Context {
                pool: pool.clone(),
                bus: bus.clone(),
                keys: config.keys.clone(),
                rules: config.rules.clone(),
                relay: relay.clone(),
                batch_max: config.batch_max,
                lost: lost.clone(),
            };
            lifecycle.spawn_critical("relay", relaying);
            lifecycle.spawn_critical("lane", lane::run(context, messages));
            LaneHandle { input, relay }
        })
        .collect();
    lifecycle.tasks.spawn(lag::tell(lifecycle.soft.clone()));
    let leases = Leases::new(pool.clone(), config.worker_id.clone(), config.lease_ttl);
    let manager = Manager::new(leases, bus.clone(), lanes, losses, lifecycle.clone());
    lifecycle.spawn_critical(
        "ownership",
        manager.run(config.lease_renew, lifecycle.soft.clone()),
    );
}
