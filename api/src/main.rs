//! The `medique-api` binary.

use clap::{Parser, Subcommand};
use medique_api::config::Config;
use medique_platform::config::Env;
use mimalloc::MiMalloc;
use std::io::Write as _;
use std::process::ExitCode;
use zeroizing_alloc::ZeroAlloc;

/// A quarter of the CPU of an accepted command went into the system's allocator, and what it kept of
/// a burst it never gave back.
///
/// What is freed is overwritten first, wherever it was held: passwords, tokens and what patients say
/// pass through buffers of the HTTP server, the database and the broker that none of us owns.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

/// Accepts commands, shows queues, streams events.
#[derive(Parser)]
#[command(name = "medique-api", version)]
struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Serve requests until asked to end (the default).
    Serve,
    /// Ask the running server whether it is ready; exit code 0 when it is.
    Healthcheck,
    /// Work on the configuration.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
}

#[derive(Subcommand)]
enum ConfigAction {
    /// Read the configuration and name every problem.
    Check,
    /// Print every variable that can be set, in JSON.
    Reference,
}

fn main() -> ExitCode {
    let action = Arguments::parse().action.unwrap_or(Action::Serve);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failure(&error.into()),
    };
    let result = runtime.block_on(async {
        match action {
            Action::Serve => medique_api::serve::run(Config::read(Env::from_process())?).await,
            Action::Healthcheck => medique_api::healthcheck::run(Env::from_process()).await,
            Action::Config {
                action: ConfigAction::Check,
            } => check(),
            Action::Config {
                action: ConfigAction::Reference,
            } => reference(),
        }
    });
    result.unwrap_or_else(|error| failure(&error))
}

fn check() -> anyhow::Result<ExitCode> {
    medique_api::serve::check(&Config::read(Env::from_process())?)?;
    eprintln!("the configuration is complete and consistent");
    Ok(ExitCode::SUCCESS)
}

fn reference() -> anyhow::Result<ExitCode> {
    let variables = serde_json::json!({ "api": Config::variables() });
    writeln!(std::io::stdout(), "{variables:#}")?;
    Ok(ExitCode::SUCCESS)
}

fn failure(error: &anyhow::Error) -> ExitCode {
    eprintln!("medique-api: {error:#}");
    ExitCode::FAILURE
}
