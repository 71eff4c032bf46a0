//! `medique-api serve`: from the first connection to an orderly end.

mod connections;
mod stall;

use crate::app::{App, endpoint};
use crate::auth::TokenKeys;
use crate::config::Config;
use anyhow::Context;
use medique_platform::lifecycle::Lifecycle;
use medique_platform::telemetry;
use medique_platform::tls::Acceptor;
use poem::EndpointExt;
use poem::endpoint::ToDynEndpoint;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

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
    telemetry::install_crypto_provider();
    let service = telemetry::Service {
        name: "medique-api",
        version: env!("CARGO_PKG_VERSION"),
        instance: None,
    };
    // Held to the end: what is still to be told is told then.
    let _telemetry = telemetry::start(&config.log, &config.telemetry, &service)?;
    let lifecycle = Lifecycle::with_signals(config.drain_grace)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let tls = Acceptor::new(config.tls.as_ref()).context("MEDIQUE_TLS_CERTIFICATE")?;
    let (bounds, drain_deadline) = (config.connections, config.drain_deadline);
    let app = App::start(config, lifecycle.clone()).await?;
    let routes = Arc::new(ToDynEndpoint(endpoint(Arc::clone(&app)).map_to_response()));
    let server = connections::serve((listener, tls), routes, bounds, &lifecycle, drain_deadline);
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
