//! The database's schema: brought up by one process, asked for by all.
//!
//! A build runs on a schema that is newer than itself (migrations expand before they contract), and
//! refuses one that is older: it would fail at the first statement that names something new.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};
use std::collections::BTreeSet;

static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// SQLSTATE of a table that is not there.
const NO_TABLE: &str = "42P01";
/// SQLSTATE of a table that may not be read: the grant came with migration 0023.
const NO_GRANT: &str = "42501";

/// Why a process must not run on this database.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The schema lacks migrations that this build needs.
    #[error(
        "the database's schema is older than this build, which needs migration {needed} ({what}): run `medique-worker migrate` first"
    )]
    Older {
        /// Newest migration that is missing.
        needed: i64,
        /// Its name.
        what: String,
    },
    /// The database does not answer. May pass.
    #[error("the schema cannot be looked at: {0}")]
    Database(#[from] sqlx::Error),
}

/// Brings the database to this build's schema.
///
/// # Errors
/// The database refuses, or was migrated by a build whose history is another.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(pool).await
}

/// Whether the schema has everything that this build needs.
///
/// # Errors
/// [`SchemaError::Older`]: it has not. [`SchemaError::Database`]: nobody knows yet.
pub async fn check(pool: &PgPool) -> Result<(), SchemaError> {
    let found = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(pool)
        .await;
    let applied: BTreeSet<i64> = match found {
        Ok(versions) => versions.into_iter().collect(),
        Err(error) if is_before_grant(&error) => BTreeSet::new(),
        Err(error) => return Err(error.into()),
    };
    let newest_missing = MIGRATOR
        .iter()
        .rfind(|migration| !applied.contains(&migration.version));
    match newest_missing {
        None => Ok(()),
        Some(migration) => Err(SchemaError::Older {
            needed: migration.version,
            what: migration.description.to_string(),
        }),
    }
}

fn is_before_grant(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|cause| cause.code())
        .is_some_and(|code| code == NO_TABLE || code == NO_GRANT)
}
