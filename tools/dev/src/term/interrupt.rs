//! Ctrl-C, SIGTERM and SIGHUP, counted: the first asks for an orderly stop, the second for an instant one.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// How often a waiting launcher looks again.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// The error of a step that a signal ended.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Starts counting signals, for the whole life of the process.
pub(crate) fn install() -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            COUNT.fetch_add(1, Ordering::SeqCst);
        }
    });
    Ok(())
}

/// How many signals came so far.
pub(crate) fn count() -> usize {
    COUNT.load(Ordering::SeqCst)
}

/// Fails once a signal came.
pub(crate) fn check() -> Result<()> {
    if count() > 0 {
        Err(Interrupted.into())
    } else {
        Ok(())
    }
}

/// Polls `ready` until it holds, a signal comes or `limit` has passed.
pub(crate) fn wait_until(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        check()?;
        if ready()? {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("{what} after {} s", limit.as_secs());
        }
        thread::sleep(POLL);
    }
}
