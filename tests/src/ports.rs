//! Ports that stay ours while a server is down and comes back.
//!
//! Port 0 is not enough: a restarted server must come back where its clients look for it. We take
//! ports from below the range of outgoing connections and hold a locked file per port, so that
//! tests in other processes leave it alone.

use anyhow::{Result, bail};
use std::fs::File;
use std::net::TcpListener;

const FIRST: u16 = 21_000;
const COUNT: u16 = 11_000;

/// A loopback port that is ours until this is dropped.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    /// Takes a free one.
    ///
    /// # Errors
    /// None is free, or the temporary folder cannot be written.
    pub fn take() -> Result<Self> {
        let folder = std::env::temp_dir().join("medique-test-ports");
        std::fs::create_dir_all(&folder)?;
        let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
        let start = (random % u64::from(COUNT)) as u16;
        for step in 0..COUNT {
            let number = FIRST + (start + step) % COUNT;
            let lock = File::options()
                .create(true)
                .append(true)
                .open(folder.join(number.to_string()))?;
            let free = lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok();
            if free {
                return Ok(Self {
                    number,
                    _lock: lock,
                });
            }
        }
        bail!("no free port between {FIRST} and {}", FIRST + COUNT)
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }
}
