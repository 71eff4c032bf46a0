//! Builds the binaries; cargo shows its own progress.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::host::checkout::{Checkout, cargo};
use crate::host::run;
use crate::term::{interrupt, progress};

/// What to build, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Build<'a> {
    pub(crate) packages: &'a [&'a str],
    /// Comma-separated, as cargo takes them; none when empty.
    pub(crate) features: &'a str,
    pub(crate) release: bool,
}

/// The api and the worker as they are shipped, the sinks that catch their mails and their telemetry, and the stand-in
/// that gives them advice.
pub(crate) const APPS: [&str; 5] = [
    "medique-api",
    "medique-workers",
    "medique-mail-sink",
    "medique-otlp-sink",
    "medique-triage-sim",
];

impl Build<'_> {
    /// Builds and gives the folder of the binaries.
    pub(crate) fn run(self, checkout: &Checkout) -> Result<PathBuf> {
        progress::say(&format!("building {}", self.packages.join(", ")));
        let mut command = cargo();
        command.current_dir(&checkout.root).arg("build");
        command.args(
            self.packages
                .iter()
                .flat_map(|package| ["--package", package]),
        );
        if self.release {
            command.arg("--release");
        }
        if !self.features.is_empty() {
            command.args(["--features", self.features]);
        }
        let status = run::status_of(&mut command)?;
        interrupt::check()?;
        if !status.success() {
            bail!("the build failed, see above");
        }
        Ok(checkout.bin_dir(self.release))
    }
}
