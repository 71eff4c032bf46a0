//! `medique-worker admin`: what an operator does from a terminal. People read the default output,
//! programs `--json`.

mod answer;
mod audit;
mod backup;
mod broker;
mod facility;
mod link;
mod parked;
mod partitions;
mod privacy;
mod status;
mod user;

pub use answer::Answer;

use crate::config::Config;
use answer::{Progress, Table};
use clap::Subcommand;
use futures::future::BoxFuture;
use medique_platform::config::{Asked, BusConfig, DatabaseConfig, Env};
use medique_platform::postgres::{self, TxError};
use medique_platform::privacy::{Keys, MasterKeys};
use medique_platform::vault::BackupKey;
use secrecy::SecretString;
use sqlx::{PgConnection, PgPool};

/// Who acts from a terminal.
const OPERATOR: &str = "system:operator";
/// Shortest secret accepted for signing links, bytes: as at the api.
const LINK_SECRET_BYTES_MIN: usize = 32;

/// Operator's commands.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Partitions, owners, lag, outbox, parked commands, versions, and what needs attention.
    Status(status::Status),
    /// Commands that could not be processed: list, inspect, redrive, drop.
    #[command(subcommand, alias = "dead-letters")]
    Parked(parked::Parked),
    /// Check the audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Seal, open and record backups.
    #[command(subcommand)]
    Backup(backup::Backup),
    /// Copy and restore the broker's streams; decide on a log that does not fit the database.
    #[command(subcommand)]
    Broker(broker::Broker),
    /// Accounts: create, list, change, disable.
    #[command(subcommand)]
    User(user::User),
    /// Let a worker or a partition rest, and go on.
    #[command(subcommand)]
    Partitions(partitions::Partitions),
    /// Create a facility.
    CreateFacility(facility::CreateFacility),
    /// The same as `user create`.
    #[command(hide = true)]
    CreateUser(Box<user::CreateUser>),
    /// Make a signed check-in link.
    CreateLink(link::CreateLink),
    /// Erase the persons of old visits, or say how many that would be.
    Retention(privacy::Retention),
    /// Wrap every data key with the newest master key.
    RewrapKeys,
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
            let secret = link_secret(&mut env);
            let public_url = env.text("MEDIQUE_PUBLIC_URL");
            command
                .run(&connect(&database, env)?, &secret, public_url.as_deref())
                .await
        }
        Admin::User(command) => {
            let settings = command.settings(&mut env);
            command.run(&connect(&database, env)?, settings).await
        }
        Admin::Partitions(command) => command.run(&connect(&database, env)?).await,
        Admin::Parked(command) => {
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
        Admin::Status(command) => {
            let bus = BusConfig::read_if_set(&mut env);
            command.run(&connect(&database, env)?, bus).await
        }
    }
}

/// Every variable that some command reads.
pub fn variables() -> Vec<Asked> {
    let mut env = Env::default();
    DatabaseConfig::read(&mut env);
    BusConfig::read(&mut env);
    MasterKeys::read(&mut env);
    user::Passwords::read(&mut env);
    link_secret(&mut env);
    env.text("MEDIQUE_PUBLIC_URL");
    audit::Audit::key(&mut env);
    BackupKey::read(&mut env);
    Config::read_keep_persons(&mut env);
    env.asked().to_vec()
}

fn link_secret(env: &mut Env) -> SecretString {
    env.required_key("MEDIQUE_LINK_SECRET", LINK_SECRET_BYTES_MIN)
}

/// Makes a change in one transaction, with what the trail says of it.
async fn change<T, F>(pool: &PgPool, work: F) -> anyhow::Result<T>
where
    F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, anyhow::Result<T>> + Send + 'static,
    T: Send + 'static,
{
    postgres::in_tx(pool, work)
        .await
        .map_err(|error| match error {
            TxError::Work(cause) => cause,
            TxError::Begin(error) | TxError::Commit(error) => error.into(),
            TxError::Panicked => anyhow::anyhow!("the change panicked, nothing was done"),
        })
}

fn connect(database: &DatabaseConfig, env: Env) -> anyhow::Result<PgPool> {
    env.finish_part()?;
    Ok(postgres::connect(
        database,
        "medique-admin",
        postgres::Plans::Anew,
    )?)
}
