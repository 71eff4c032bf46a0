//! `cargo dev`: brings up MediQue and everything it needs on one machine, runs its tests, load and benchmarks.
#![expect(
    clippy::print_stdout,
    reason = "a terminal program: what it prints is its result"
)]

mod cli;
mod commands;
mod demo;
mod host;
mod net;
mod servers;
mod stack;
mod term;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match term::interrupt::install().and_then(|()| commands::run(cli.command)) {
        Ok(code) => ExitCode::from(code),
        Err(error) if error.is::<term::interrupt::Interrupted>() => {
            eprintln!("stopped");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
