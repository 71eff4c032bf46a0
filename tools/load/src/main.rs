//! `medique-load`: makes work for a running MediQue and measures what became of it.
//!
//! People call it through the launcher: `cargo dev replay`, `cargo dev load`, `cargo dev bench`,
//! `cargo dev triage-eval`.
//! Results go to standard output, progress to standard error. It talks to loopback addresses only,
//! and everything that it does is bounded in count and time.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool: its results belong on standard output"
)]

mod bench;
mod cli;
mod clock;
mod control;
mod drive;
mod http;
mod live;
mod load;
mod measure;
mod replay;
mod stack;
mod term;
mod triage_eval;

use std::process::ExitCode;

use clap::Parser;

use cli::{BenchCommand, Cli, Command};

/// The command line, or what it names, cannot be used.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            let unusable = error.downcast_ref::<cli::Unusable>().is_some();
            ExitCode::from(if unusable { EXIT_USAGE } else { 1 })
        }
    }
}

/// Runs a subcommand and gives its exit code.
fn run(command: Command) -> anyhow::Result<u8> {
    // One thread: the generator shares the cores with everything that it measures.
    let mut runtime = match &command {
        Command::ControlServer(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Replay(args) => replay::run(&args).await,
            Command::Load(args) => load::run(&args).await,
            Command::Bench(args) => match args.command {
                BenchCommand::Pipeline(args) => bench::run(&args).await,
            },
            Command::TriageEval(args) => triage_eval::run(&args),
            Command::ControlServer(args) => control::server::run(&args).await,
        }
    })
}
