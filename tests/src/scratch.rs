//! A folder per test, kept when the test failed.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the test came to its good end. Whatever is dropped before that shows its log.
#[derive(Debug, Clone, Default)]
pub struct Passed(Arc<AtomicBool>);

impl Passed {
    /// The good end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it came.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A folder that goes away with a test that passed.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    passed: Passed,
}

impl Scratch {
    /// Makes one.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub fn new() -> Result<Self> {
        let name = format!("medique-test-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self {
            path,
            passed: Passed::default(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether the test passed; shared by everything that lives in the folder.
    pub fn passed(&self) -> &Passed {
        &self.passed
    }

    /// A path inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A folder inside.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.passed.get() {
            // what cannot be removed is left to the system's own cleaning of temporary files
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
