//! The folder `.dev`: what is in it, and that only one launcher uses it at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::record::Record;
use crate::cli::DirArgs;
use crate::host::checkout::Checkout;
use crate::host::files;
use crate::host::secrets::Secrets;

/// Paths below one data directory.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

/// Held by a running launcher; the system lets go of it however the launcher ends.
#[derive(Debug)]
pub(crate) struct Lock(
    #[expect(dead_code, reason = "the lock lasts as long as the file is open")] File,
);

impl DataDir {
    /// The one that the arguments name, made if it is not there.
    pub(crate) fn open(args: &DirArgs, checkout: &Checkout) -> Result<Self> {
        let path = args.data_dir.clone().unwrap_or_else(|| checkout.dev_dir());
        Self::at(&path)
    }

    /// The one that the arguments name, if anything was ever started there.
    pub(crate) fn find(args: &DirArgs, checkout: &Checkout) -> Result<Option<Self>> {
        let path = args.data_dir.clone().unwrap_or_else(|| checkout.dev_dir());
        if path.join("lock").exists() {
            Self::at(&path).map(Some)
        } else {
            Ok(None)
        }
    }

    pub(crate) fn at(path: &Path) -> Result<Self> {
        // others may pass through it (Postgres may run as another user), not list it
        files::make_dir(path, 0o711)?;
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot find {}", path.display()))?;
        Ok(Self(path))
    }

    /// The only use of this folder, refused while another launcher runs on it.
    pub(crate) fn lock(&self) -> Result<Lock> {
        let path = self.0.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "{} is in use{}: stop it with `cargo dev down`",
                self,
                self.user()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    fn user(&self) -> String {
        let record = Record::read(&self.record_file()).ok().flatten();
        record.map_or_else(String::new, |record| {
            format!(" by process {}", record.launcher.pid)
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn nats(&self) -> PathBuf {
        self.0.join("nats")
    }

    /// What the collector keeps.
    pub(crate) fn telemetry(&self) -> PathBuf {
        self.0.join("telemetry")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// Ports of the last start.
    pub(crate) fn ports_file(&self) -> PathBuf {
        self.0.join("ports.json")
    }

    /// Processes of the running launcher, or of one that was killed.
    pub(crate) fn record_file(&self) -> PathBuf {
        self.0.join("run.json")
    }

    /// What other tools read; there only while everything is ready.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.0.join("state.json")
    }

    pub(crate) fn secrets(&self) -> Result<Secrets> {
        Secrets::open(&self.0.join("secrets"))
    }
}

impl std::fmt::Display for DataDir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::temp_dir::TempDir;

    #[test]
    fn a_second_launcher_is_refused_until_the_first_ends() {
        let temp = TempDir::create("medique-lock").expect("temp dir");
        let dir = DataDir::at(temp.path()).expect("open");
        let first = dir.lock().expect("free");
        let refusal = dir.lock().expect_err("in use").to_string();
        assert!(
            refusal.ends_with("is in use: stop it with `cargo dev down`"),
            "{refusal}"
        );
        drop(first);
        dir.lock().expect("free again");
    }
}
