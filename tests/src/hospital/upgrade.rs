//! A hospital whose replicas are of two commits.

use super::Hospital;
use crate::processes::{self, AdminCommandLine, Environment};
use anyhow::{Result, bail};
use std::path::Path;

impl Hospital {
    /// Whatever is started from now on is of this checkout.
    pub fn use_new_binaries(&mut self) {
        self.settings.bin_dir.clone_from(&self.new_bin_dir);
        let (nats, owner) = (self.nats.url(), self.database.owner_url.clone());
        self.command_line = AdminCommandLine::new(&self.settings, &nats, &owner, &self.secrets);
    }

    /// Whatever is started from now on is of the older commit.
    pub fn use_old_binaries(&mut self) {
        if let Some(old) = &self.settings.old_bin_dir {
            self.settings.bin_dir.clone_from(old);
        }
    }

    /// Brings the schema to that of the binaries in use.
    ///
    /// # Errors
    /// The migration fails.
    pub fn migrate(&self) -> Result<()> {
        let environment = processes::common_environment(&self.nats.url(), &self.database.owner_url);
        let program = self.settings.binary("medique-worker");
        let done = processes::run(&program, &environment, &["migrate"], "")?;
        if !done.status.success() {
            bail!("migrate failed: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(())
    }

    /// What of an environment a program knows: an older one refuses variables that are newer.
    pub(super) fn known(&self, program: &Path, mut all: Environment) -> Result<Environment> {
        if self.settings.bin_dir == self.new_bin_dir {
            return Ok(all);
        }
        let checked = processes::run(program, &all, &["config", "check"], "")?;
        let told = String::from_utf8_lossy(&checked.stderr).into_owned()
            + &String::from_utf8_lossy(&checked.stdout);
        for line in told.lines() {
            if let Some((name, "no such variable")) = line.trim().split_once(": ") {
                all.remove(name);
            }
        }
        Ok(all)
    }
}
