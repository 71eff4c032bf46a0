//! `medique-api serve`: from the first connection to an orderly end.

mod listener;

use crate::app::{App, endpoint};
use crate::auth::TokenKeys;
use crate::config::Config;
use anyhow::Context;
use medique_platform::lifecycle::Lifecycle;
use poem::Server;
use std::process::ExitCode;
use std::sync::Arc;

/// Checks what reading the configuration cannot: that the keys work.
///
/// # Errors
/// A key cannot be used.
pub fn check(config: &Config) -> anyhow::Result<()> {
    let now = medique_platform::clock::now();
    TokenKeys::new(&config.jwt_signing_key, &config.jwt_further_keys, now)?;
    Ok(())
}

/// Serves until asked to end, then finishes what is open.
///
/// # Errors
/// The start fails.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    medique_platform::telemetry::install_crypto_provider();
    medique_platform::telemetry::init(&config.log)?;
    let lifecycle = Lifecycle::with_signals()?;
    let acceptor = listener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let drain_deadline = config.drain_deadline;
    let app = App::start(config, lifecycle.clone()).await?;
    let server = Server::new_with_acceptor(acceptor)
        .name("medique-api")
        .run_with_graceful_shutdown(
            endpoint(Arc::clone(&app)),
            lifecycle.soft.clone().cancelled_owned(),
            Some(drain_deadline),
        );
    // The second signal does not wait for open requests.
    tokio::select! {
        result = server => result.context("the server failed")?,
        () = lifecycle.hard.cancelled() => {}
    }
    app.served.cancel();
    lifecycle.drain(drain_deadline).await;
    app.bus.flush_and_close().await;
    tracing::info!("ended");
    Ok(lifecycle.exit_code())
}
