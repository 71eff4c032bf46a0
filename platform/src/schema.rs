//! The schema that this build expects, and whether the database has it.

use serde::Serialize;
use sqlx::migrate::Migrator;
use sqlx::{PgPool, Row};
use std::collections::BTreeMap;

/// Every migration, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// How the database's schema compares with the one that this build was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// Newest migration that this build knows.
    pub expected: i64,
    /// Newest migration that was run; none when no one was, or when nobody may look.
    pub found: Option<i64>,
    /// Migrations of this build that were not run.
    pub missing: Vec<i64>,
    /// Migrations that were run with another content than this build knows.
    pub different: Vec<i64>,
}

impl Schema {
    /// Whether this build can work: everything that it knows was run. Newer migrations than it knows
    /// are no obstacle, they only add.
    pub fn fits(&self) -> bool {
        self.missing.is_empty() && self.different.is_empty()
    }

    /// Compares.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query("SELECT version, checksum FROM _sqlx_migrations WHERE success")
            .fetch_all(pool)
            .await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(sqlx::Error::Database(error)) if is_absent(error.code().as_deref()) => Vec::new(),
            Err(error) => return Err(error),
        };
        let run = rows
            .iter()
            .map(|row| Ok((row.try_get("version")?, row.try_get("checksum")?)))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(Self::compare(&MIGRATOR, &run))
    }

    fn compare(migrator: &Migrator, run: &BTreeMap<i64, Vec<u8>>) -> Self {
        let (mut missing, mut different) = (Vec::new(), Vec::new());
        for migration in migrator.iter() {
            match run.get(&migration.version) {
                None => missing.push(migration.version),
                Some(checksum) if checksum[..] != migration.checksum[..] => {
                    different.push(migration.version);
                }
                Some(_) => {}
            }
        }
        Self {
            expected: newest(),
            found: run.keys().next_back().copied(),
            missing,
            different,
        }
    }
}

/// The newest migration that this build knows.
pub fn newest() -> i64 {
    let versions = MIGRATOR.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}

/// No such table, or no right to look at it: the migration that gives the right was not run.
fn is_absent(code: Option<&str>) -> bool {
    matches!(code, Some("42P01" | "42501"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_build_knows_must_have_been_run() {
        let mut run: BTreeMap<i64, Vec<u8>> = MIGRATOR
            .iter()
            .map(|migration| (migration.version, migration.checksum.to_vec()))
            .collect();
        assert!(Schema::compare(&MIGRATOR, &run).fits());
        run.insert(newest() + 1, vec![1]);
        let newer = Schema::compare(&MIGRATOR, &run);
        assert!(newer.fits());
        assert_eq!(newer.found, Some(newest() + 1));
        run.insert(1, vec![1]);
        run.remove(&newest());
        let other = Schema::compare(&MIGRATOR, &run);
        assert!(!other.fits());
        assert_eq!((other.missing, other.different), (vec![newest()], vec![1]));
    }
}
