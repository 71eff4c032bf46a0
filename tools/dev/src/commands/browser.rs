//! `cargo dev test --browser`: the screens in a real browser against a stack of their own, which is gone afterwards.

use std::process::Command;

use anyhow::Result;

use crate::cli::UpArgs;
use crate::host::checkout::Checkout;
use crate::host::temp_dir::TempDir;
use crate::host::{run, web};
use crate::stack::data_dir::DataDir;
use crate::stack::start;

/// Runs what stands in `api/web/browser`. Pictures of every screen are kept in `target/browser`.
pub(crate) fn run() -> Result<u8> {
    let checkout = Checkout::find()?;
    web::build(&checkout)?;
    let temp = TempDir::create("medique-browser")?;
    let dir = DataDir::at(temp.path())?;
    let mut stack = start::start(&checkout, &dir, &UpArgs::for_tests())?;
    stack.supervisor.be_quiet();
    let status = run::status_of(
        Command::new("node")
            .current_dir(web::folder(&checkout))
            .arg("browser/run.mjs")
            .env("MEDIQUE_STATE", dir.state_file())
            .env("MEDIQUE_PICTURES", checkout.target.join("browser")),
    )?;
    Ok(u8::from(!status.success()))
}
