//! `admin user`: accounts, as an operator changes them. What an administrator of the hospital does
//! every day is done in the api; this is for the first account, for emergencies and for scripts.

mod account;
mod change;
mod create;
mod reset;

pub(super) use create::{CreateUser, Passwords};

use super::Answer;
use account::{Account, Who};
use change::ChangeUser;
use medique_platform::config::Env;
use reset::ResetLink;
use sqlx::PgPool;
use uuid::Uuid;

/// Accounts.
#[derive(Debug, clap::Subcommand)]
pub enum User {
    /// Create an account; a doctor gets a doctor's record as well.
    Create(Box<CreateUser>),
    /// List accounts.
    Ls {
        /// Of one facility only.
        #[arg(long)]
        facility_id: Option<Uuid>,
    },
    /// Show one account.
    Show {
        /// E-mail address or id.
        who: Who,
    },
    /// Change name, role or departments; what the account may do changes within seconds.
    Change(ChangeUser),
    /// Let nobody sign in to an account, and end its sessions.
    Disable {
        /// E-mail address or id.
        who: Who,
        /// Why; stands in the audit trail.
        #[arg(long)]
        reason: String,
    },
    /// Let the owner of a disabled account in again.
    Enable {
        /// E-mail address or id.
        who: Who,
        /// Why; stands in the audit trail.
        #[arg(long)]
        reason: String,
    },
    /// Print a link to set a new password with, to be handed to the owner of the account.
    ResetLink(ResetLink),
}

/// What a command of accounts needs beside the database.
#[derive(Debug)]
pub(super) struct Settings {
    passwords: Option<Passwords>,
    public_url: Option<String>,
}

impl User {
    /// Reads what this command needs.
    pub(super) fn settings(&self, env: &mut Env) -> Settings {
        Settings {
            passwords: matches!(self, Self::Create(_)).then(|| Passwords::read(env)),
            public_url: match self {
                Self::ResetLink(_) => Some(env.required("MEDIQUE_PUBLIC_URL")),
                _ => None,
            },
        }
    }

    pub(super) async fn run(self, pool: &PgPool, settings: Settings) -> anyhow::Result<Answer> {
        match self {
            Self::Create(command) => {
                let passwords = settings.passwords.unwrap_or_default();
                command.run(pool, &passwords).await
            }
            Self::Ls { facility_id } => account::list(pool, facility_id).await,
            Self::Show { who } => Ok(Account::find(pool, &who).await?.shown()),
            Self::Change(command) => command.run(pool).await,
            Self::Disable { who, reason } => change::disable(pool, &who, reason).await,
            Self::Enable { who, reason } => change::enable(pool, &who, reason).await,
            Self::ResetLink(command) => {
                command
                    .run(pool, &settings.public_url.unwrap_or_default())
                    .await
            }
        }
    }
}
