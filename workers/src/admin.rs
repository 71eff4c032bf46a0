//! `medique-worker admin`: what an operator does from a terminal. People read the default output,
//! programs `--json`.

mod audit;
mod backup;
mod broker;
mod dead_letters;
mod facility;
mod link;
mod privacy;
mod status;
mod user;

use crate::config::Config;
use clap::Subcommand;
use medique_platform::config::{BusConfig, DatabaseConfig, Env};
use medique_platform::postgres;
use medique_platform::privacy::{Keys, MasterKeys};
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
    /// Seal, open and record backups.
    #[command(subcommand)]
    Backup(backup::Backup),
    /// Copy and restore the broker's streams; decide on a log that does not fit the database.
    #[command(subcommand)]
    Broker(broker::Broker),
    /// Erase the persons of old visits, or say how many that would be.
    Retention(privacy::Retention),
    /// Wrap every data key with the newest master key.
    RewrapKeys,
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
    // Without the database: there may be none yet when something is restored.
    let command = match command {
        Admin::Backup(command) if !command.needs_database() => return command.run_on_files(env),
        Admin::Broker(command) if !command.needs_database() => {
            let needed = command.read(&mut env);
            env.finish_part()?;
            return command.run(needed, None).await;
        }
        other => other,
    };
    let database = DatabaseConfig::read(&mut env);
    match command {
        Admin::Backup(command) => command.run(&connect(&database, env)?).await,
        Admin::Broker(command) => {
            let needed = command.read(&mut env);
            command.run(needed, Some(connect(&database, env)?)).await
        }
        Admin::CreateFacility(command) => command.run(&connect(&database, env)?).await,
        Admin::CreateUser(command) => {
            let passwords = user::Passwords::read(&mut env);
            command.run(&connect(&database, env)?, &passwords).await
        }
        Admin::CreateLink(command) => {
            let secret = env.required_secret("MEDIQUE_LINK_SECRET");
            env.long_enough("MEDIQUE_LINK_SECRET", &secret, 32);
            let public_url = env.text("MEDIQUE_PUBLIC_URL");
            command
                .run(&connect(&database, env)?, &secret, public_url.as_deref())
                .await
        }
        Admin::DeadLetters(command) => {
            let bus = command.needs_bus().then(|| BusConfig::read(&mut env));
            let keys = command
                .needs_keys()
                .then(|| Keys::new(MasterKeys::read(&mut env)));
            command.run(&connect(&database, env)?, bus, keys).await
        }
        Admin::Retention(command) => {
            let keep = Config::read_keep_persons(&mut env);
            let bus = command.needs_bus().then(|| BusConfig::read(&mut env));
            command.run(&connect(&database, env)?, keep, bus).await
        }
        Admin::RewrapKeys => {
            let keys = Keys::new(MasterKeys::read(&mut env));
            privacy::rewrap(&connect(&database, env)?, &keys).await
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
