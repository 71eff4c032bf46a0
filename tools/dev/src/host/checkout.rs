//! The clone that the launcher was built from, and its build folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{env, run};

/// Where the sources are and where cargo puts what it builds.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Checkout {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    #[serde(rename = "target_directory")]
    pub(crate) target: PathBuf,
}

impl Checkout {
    pub(crate) fn find() -> Result<Self> {
        let text = run::stdout_of(
            cargo()
                .args([
                    "metadata",
                    "--no-deps",
                    "--format-version",
                    "1",
                    "--manifest-path",
                ])
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")),
        )?;
        serde_json::from_str(&text).context("cannot read what cargo metadata printed")
    }

    /// The default data directory, which also keeps fetched servers for every other one.
    pub(crate) fn dev_dir(&self) -> PathBuf {
        self.root.join(".dev")
    }

    /// Folder of built binaries.
    pub(crate) fn bin_dir(&self, release: bool) -> PathBuf {
        self.target.join(if release { "release" } else { "debug" })
    }
}

/// A cargo command: the very cargo that runs us, without what it tells us about ourselves.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|| "cargo".into()));
    env::hide(&mut command, |name| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    });
    command
}
