//! `medique-worker admin`: what an operator does from a terminal. People read the default output,
//! programs `--json`.

mod audit;
mod dead_letters;
mod facility;
mod link;
mod status;
mod user;

use clap::Subcommand;
use medique_platform::config::{DatabaseConfig, Env};
use medique_platform::postgres;
use serde_json::Value;
use sqlx::PgPool;

/// Operator's commands.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Create a facility.
    CreateFacility(facility::CreateFacility),
    /// Create an account; a doctor gets a doctor's record as well.
    CreateUser(user::CreateUser),
    /// Make a signed check-in link.
    CreateLink(link::CreateLink),
    /// List, inspect, redrive and drop commands that could not be processed.
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLetters),
    /// Check the audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Partitions, owners, backlog, outbox, dead letters.
    Status,
}

/// What a command has to say.
pub struct Answer {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// Whether the exit code is 0.
    pub success: bool,
}

impl Answer {
    fn ok(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            success: true,
        }
    }
}

/// Runs a command.
///
/// # Errors
/// What is wrong, for the operator.
pub async fn run(command: Admin, mut env: Env) -> anyhow::Result<Answer> {
    let database = DatabaseConfig::read(&mut env);
    match command {
        Admin::CreateFacility(command) => command.run(&connect(&database, env)?).await,
        Admin::CreateUser(command) => command.run(&connect(&database, env)?).await,
        Admin::CreateLink(command) => {
            let secret = env.required_secret("MEDIQUE_LINK_SECRET");
            env.long_enough("MEDIQUE_LINK_SECRET", &secret, 32);
            let public_url = env.text("MEDIQUE_PUBLIC_URL");
            command
                .run(&connect(&database, env)?, &secret, public_url.as_deref())
                .await
        }
        Admin::DeadLetters(command) => {
            let bus = command
                .needs_bus()
                .then(|| medique_platform::config::BusConfig::read(&mut env));
            command.run(&connect(&database, env)?, bus).await
        }
        Admin::Audit(command) => {
            let key = audit::Audit::key(&mut env);
            command.run(&connect(&database, env)?, key).await
        }
        Admin::Status => status::run(&connect(&database, env)?).await,
    }
}

fn connect(database: &DatabaseConfig, env: Env) -> anyhow::Result<PgPool> {
    env.finish_part()?;
    Ok(postgres::connect(
        database,
        "medique-admin",
        postgres::Plans::Anew,
    )?)
}
