//! The files.

use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Beyond this size a file makes room for a new one; one old one is kept.
const FILE_MAX: u64 = 256 * 1024 * 1024;

/// A folder of files.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    dir: PathBuf,
}

impl Store {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Appends a line for each object.
    pub(crate) fn append(&self, file: &str, objects: &[Value]) -> io::Result<()> {
        let path = self.dir.join(file);
        if std::fs::metadata(&path).is_ok_and(|file| file.len() > FILE_MAX) {
            std::fs::rename(&path, self.dir.join(format!("{file}.1")))?;
        }
        let mut text = String::new();
        for object in objects {
            text.push_str(&object.to_string());
            text.push('\n');
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        // One write, so that whoever reads meanwhile sees whole lines.
        file.write_all(text.as_bytes())
    }
}
