//! `cargo dev trace`: what happened to a visit, step by step, as the local collector saw it.

mod spans;
mod tree;

use anyhow::{Result, bail};

use crate::cli::TraceArgs;
use crate::host::checkout::Checkout;
use crate::stack::data_dir::DataDir;

pub(crate) fn run(args: &TraceArgs) -> Result<u8> {
    let checkout = Checkout::find()?;
    let dir = DataDir::open(&args.dir, &checkout)?;
    let traces = spans::of(&dir.telemetry(), &args.id)?;
    if traces.is_empty() {
        bail!(
            "nothing is known of {} in {}: it comes a second after it happens, while `cargo dev up` runs its collector",
            args.id,
            dir.telemetry().display()
        );
    }
    for trace in &traces {
        print!("{}", tree::draw(trace));
    }
    Ok(0)
}
