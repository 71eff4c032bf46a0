//! How long the disk takes to make a small write durable: what bounds every commit.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::latency::Latency;

/// Size of a write-ahead log page.
const PAGE_BYTES: usize = 8 * 1024;
const LIMIT: Duration = Duration::from_secs(1);
const WRITES_MAX: usize = 5_000;

/// Overwrites one page in `dir` with a data sync after each write, for a second at most.
pub(crate) fn sync_latency(dir: &Path) -> Result<Latency> {
    let path = dir.join("fsync-probe");
    let measured = probe(&path);
    let removed = std::fs::remove_file(&path);
    let latency = measured.with_context(|| format!("cannot write in {}", dir.display()))?;
    removed.context("cannot remove the probe of the disk")?;
    Ok(latency)
}

fn probe(path: &Path) -> Result<Latency> {
    let mut file = OpenOptions::new().create_new(true).write(true).open(path)?;
    let page = vec![0x5a; PAGE_BYTES];
    file.write_all(&page)?;
    file.sync_all()?;
    let end = Instant::now() + LIMIT;
    let mut micros = Vec::new();
    while Instant::now() < end && micros.len() < WRITES_MAX {
        let began = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&page)?;
        file.sync_data()?;
        micros.push(i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX));
    }
    Latency::of(micros).context("no write succeeded")
}
