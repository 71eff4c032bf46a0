//! One file per subcommand.

mod browser;
mod compat;
mod contract;
mod down;
mod drill;
mod load;
mod logs;
mod sbom;
mod status;
mod test;
mod trace;
mod up;

use anyhow::Result;

use crate::cli::Command;

/// Runs a subcommand; gives the exit code.
pub(crate) fn run(command: Command) -> Result<u8> {
    match command {
        Command::Up(args) => up::run(&args),
        Command::Down(args) => down::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Logs(args) => logs::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Test(args) if args.contract => contract::run(),
        Command::Test(args) if args.browser => browser::run(),
        Command::Test(args) => test::run(&args, 1),
        Command::Load(passed) => load::run("load", &passed.args),
        Command::Replay(passed) => load::run("replay", &passed.args),
        Command::Bench(passed) => load::run("bench", &passed.args),
        Command::TriageEval(passed) => load::run("triage-eval", &passed.args),
        Command::Sbom => sbom::run(),
        Command::Drill(args) => drill::run(&args),
        Command::Compat(args) => compat::run(&args),
        Command::Chaos(args) => test::run(&test::faults(), args.rounds),
    }
}
