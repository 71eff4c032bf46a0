//! Where the servers' programs and the built binaries are. `cargo dev test` sets these variables.

use anyhow::{Result, bail};
use std::path::PathBuf;

/// What the launcher tells the tests.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder with `medique-api` and `medique-worker`, built with the feature `failpoints`.
    pub bin_dir: PathBuf,
    /// The same binaries of an older commit, when a command runs both.
    pub old_bin_dir: Option<PathBuf>,
    /// The program nats-server, 2.15 or newer.
    pub nats_server: PathBuf,
    /// URL of a superuser of the shared throw-away cluster.
    pub postgres_url: String,
    /// Folder with initdb and postgres.
    pub postgres_bin: PathBuf,
    /// The collector rotel; none where it does not run.
    pub rotel: Option<PathBuf>,
    /// Who runs Postgres when we are root, which Postgres refuses to be.
    pub postgres_user: Option<String>,
}

impl Settings {
    /// Reads them from the environment.
    ///
    /// # Errors
    /// A variable is missing: the tests were not run through the launcher.
    pub fn from_process() -> Result<Self> {
        Ok(Self {
            bin_dir: required("MEDIQUE_TEST_BIN_DIR")?.into(),
            old_bin_dir: variable("MEDIQUE_TEST_OLD_BIN_DIR").map(Into::into),
            nats_server: required("MEDIQUE_TEST_NATS_SERVER")?.into(),
            postgres_url: required("MEDIQUE_TEST_PG_URL")?,
            postgres_bin: required("MEDIQUE_TEST_PG_BIN")?.into(),
            rotel: variable("MEDIQUE_TEST_ROTEL").map(PathBuf::from),
            postgres_user: variable("MEDIQUE_TEST_PG_USER"),
        })
    }

    /// Path of one of our binaries.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }
}

/// Whether generated documents are to be written instead of compared.
pub fn updates_documents() -> bool {
    variable("MEDIQUE_TEST_UPDATE").is_some()
}

fn required(name: &str) -> Result<String> {
    match variable(name) {
        Some(value) => Ok(value),
        None => bail!("{name} is not set: run these tests through `cargo dev test`"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "settings of the test run, not of a process of ours"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
