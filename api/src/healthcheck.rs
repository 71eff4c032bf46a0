//! `medique-api healthcheck`: what a container asks, without a shell or curl in the image.

use crate::config::Config;
use anyhow::Context;
use medique_platform::config::Env;
use medique_platform::health;
use medique_platform::tls::ServerTls;
use std::process::ExitCode;

/// Asks the server on `MEDIQUE_API_LISTEN` for its readiness.
///
/// # Errors
/// Nobody answers there in time.
pub async fn run(mut env: Env) -> anyhow::Result<ExitCode> {
    let (listen, tls) = (Config::read_listen(&mut env), ServerTls::read(&mut env));
    env.finish_part()?;
    let is_ready = health::is_ready(listen, tls.as_ref())
        .await
        .context("no answer")?;
    Ok(if is_ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
