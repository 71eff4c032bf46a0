//! `cargo dev load|replay|bench`: hands over to the load generator, which must be optimised to keep up.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::checkout::Checkout;
use crate::host::env;
use crate::stack::build::Build;
use crate::stack::data_dir::DataDir;

/// Replaces this process; returns only when that fails.
pub(crate) fn run(subcommand: &str, args: &[OsString]) -> Result<u8> {
    let checkout = Checkout::find()?;
    let bin_dir = Build {
        packages: &["medique-load"],
        features: "",
        release: true,
    }
    .run(&checkout)?;
    let state_file = DataDir::at(&checkout.dev_dir())?.state_file();
    let mut command = Command::new(bin_dir.join("medique-load"));
    command.arg(subcommand).args(args);
    // `bench` starts stacks of its own: `$MEDIQUE_DEV_BIN up --data-dir D`, then read D/state.json
    command.env(
        "MEDIQUE_DEV_BIN",
        std::env::current_exe().context("cannot tell where the launcher is")?,
    );
    if env::var("MEDIQUE_STATE").is_none() && state_file.exists() {
        command.env("MEDIQUE_STATE", state_file);
    }
    Err(command.exec()).context("cannot run medique-load")
}
