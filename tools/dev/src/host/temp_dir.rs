//! A folder that goes away with its owner.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{files, key};

/// A folder below the system's temporary one, removed on drop.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    /// Others may pass through it (a server may run as another user), not list it.
    pub(crate) fn create(prefix: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("{prefix}-{}", key::hex::<6>()?));
        files::make_dir(&path, 0o711)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}
