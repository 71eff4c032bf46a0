//! SQL through psql, which comes with every Postgres: no driver to compile before the launcher can start.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::temp_dir::TempDir;
use crate::host::{env, run};
use crate::net::pg_url::PgUrl;

/// psql as one user of one database.
#[derive(Debug, Clone)]
pub(crate) struct Psql {
    program: PathBuf,
    url: PgUrl,
}

impl Psql {
    pub(crate) fn new(program: &Path, url: &PgUrl) -> Self {
        Self {
            program: program.to_owned(),
            url: url.clone(),
        }
    }

    /// The single value that a query gives, as text.
    pub(crate) fn value(&self, sql: &str) -> Result<String> {
        Ok(run::stdout_of(self.command().args(["-c", sql]))?
            .trim()
            .to_owned())
    }

    /// Runs statements that carry secrets: from a private file, for arguments are public on a machine.
    pub(crate) fn run_secret(&self, sql: &str) -> Result<()> {
        let dir = TempDir::create("medique-sql")?;
        let file = dir.path().join("statements.sql");
        crate::host::files::write_private(&file, sql)?;
        run::stdout_of(self.command().arg("-f").arg(&file)).map(drop)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        env::hide(&mut command, |name| name.starts_with("PG"));
        command
            .env("PGCONNECT_TIMEOUT", "5")
            .env("PGCLIENTENCODING", "UTF8")
            .envs(self.url.psql_env());
        // -X: no personal configuration; -w: never ask for a password
        command.args(["-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        command
    }
}

/// A text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as an SQL identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The psql on PATH, for a database that somebody else runs.
pub(crate) fn on_path() -> Result<PathBuf> {
    env::on_path("psql").into_iter().next()
        .context("psql is not on PATH: install the Postgres client, which prepares the database of MEDIQUE_DATABASE_URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_double_inside_quotes() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
    }
}
