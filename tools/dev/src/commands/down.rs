//! `cargo dev down`: stop a running `cargo dev up`, or what a killed one left.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use crate::cli::DirArgs;
use crate::host::checkout::Checkout;
use crate::stack::data_dir::DataDir;
use crate::stack::record::{self, Record};
use crate::term::{interrupt, progress};

/// Longer than every stage of an orderly stop together.
const STOP_LIMIT: Duration = Duration::from_secs(130);

pub(crate) fn run(args: &DirArgs) -> Result<u8> {
    let Some(dir) = DataDir::find(args, &Checkout::find()?)? else {
        println!("not running");
        return Ok(0);
    };
    if let Ok(lock) = dir.lock() {
        let was_left = dir.record_file().exists();
        record::recover(&dir, &lock)?;
        println!(
            "{}",
            if was_left {
                "stopped what a killed launcher left"
            } else {
                "not running"
            }
        );
        return Ok(0);
    }
    let record = Record::read(&dir.record_file())?
        .context("it is still starting: press Ctrl-C where it runs")?;
    progress::step("stopping", || {
        record.launcher.signal(Signal::SIGTERM);
        interrupt::wait_until("it still runs", STOP_LIMIT, || Ok(dir.lock().is_ok()))
    })?;
    Ok(0)
}
