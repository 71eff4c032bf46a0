//! The command line of `cargo dev`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// MediQue on one machine: servers, binaries, demo data, tests, load.
#[derive(Debug, Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything, stay until Ctrl-C
    Up(UpArgs),
    /// Stop a running `cargo dev up`
    Down(DirArgs),
    /// Show processes, addresses and health
    Status(StatusArgs),
    /// Show the logs of the processes
    Logs(LogsArgs),
    /// Print what happened to a visit, as the local collector saw it
    Trace(TraceArgs),
    /// Run the test suite on private servers
    Test(TestArgs),
    /// Generate load against a running stack
    Load(PassedOn),
    /// Replay recorded arrivals against a running stack
    Replay(PassedOn),
    /// Measure latency and throughput on servers of its own
    Bench(PassedOn),
    /// Hold the safety floor against recorded triage with expert levels
    TriageEval(PassedOn),
    /// Kill, freeze and cut off every process in turn, and check what was promised
    Chaos(ChaosArgs),
    /// Lose servers with all their data under load, restore them from backups, measure what it cost
    Drill(DrillArgs),
    /// Run the binaries from before the last migration beside the new ones, under load, on both schemas
    Compat(CompatArgs),
    /// Print what is in the binaries, as a CycloneDX document
    Sbom,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DirArgs {
    /// Where servers keep their data, secrets and logs [default: .dev in the checkout]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) dir: DirArgs,
    /// Port of the API on 127.0.0.1 [default: the last one, else 8080, else a free one]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) api_port: Option<u16>,
    /// How many workers to run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) workers: u16,
    /// Leave the database empty
    #[arg(long)]
    pub(crate) no_demo: bool,
    /// Start no stand-in for the triage adviser; without MEDIQUE_AI_URL nobody is asked then
    #[arg(long)]
    pub(crate) no_adviser: bool,
    /// Keep no traces, metrics and logs; without MEDIQUE_OTLP_ENDPOINT they go nowhere then
    #[arg(long)]
    pub(crate) no_collector: bool,
    /// Build and run optimised binaries
    #[arg(long)]
    pub(crate) release: bool,
    /// Let NATS flush every message to disk before it acknowledges
    #[arg(long)]
    pub(crate) sync_always: bool,
}

impl UpArgs {
    /// The demo hospital with one worker, for tests from outside; what it tells of itself goes nowhere.
    pub(crate) fn for_tests() -> Self {
        Self {
            dir: DirArgs { data_dir: None },
            api_port: None,
            workers: 1,
            no_demo: false,
            no_adviser: false,
            no_collector: true,
            release: false,
            sync_always: false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) dir: DirArgs,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// api, worker-1, nats, postgres [default: all]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) dir: DirArgs,
    /// Keep printing what is added
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many of the last lines to print
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub(crate) lines: usize,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// Id of the visit, or of a trace
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) dir: DirArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Run only tests whose name contains one of these
    pub(crate) filters: Vec<String>,
    /// Check a running API against the OpenAPI document that it serves, instead of running the tests
    #[arg(long, conflicts_with_all = ["filters", "runner_args"])]
    pub(crate) contract: bool,
    /// Try the screens in Chromium on a stack of their own, instead of running the tests (needs Node and Chromium)
    #[arg(long, conflicts_with_all = ["filters", "runner_args", "contract"])]
    pub(crate) browser: bool,
    /// Arguments for the test runner
    #[arg(last = true, value_name = "RUNNER_ARGS")]
    pub(crate) runner_args: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct ChaosArgs {
    /// How often everything is gone through; where a fault hits differs each time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) rounds: u16,
}

#[derive(Debug, Args)]
pub(crate) struct DrillArgs {
    /// How long each case is under load before its backups, and again before its disaster
    #[arg(long, value_name = "S", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(crate) seconds: u16,
    /// Drill optimised binaries
    #[arg(long)]
    pub(crate) release: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompatArgs {
    /// The older commit [default: the one before the last change under migrations/]
    #[arg(long, value_name = "COMMIT")]
    pub(crate) base: Option<String>,
}

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct PassedOn {
    /// Arguments for the load generator; `--help` lists them
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGS"
    )]
    pub(crate) args: Vec<OsString>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_of_the_load_generator_is_passed_on() {
        let cli = Cli::try_parse_from(["dev", "bench", "--help"]).expect("must parse");
        assert!(matches!(cli.command, Command::Bench(p) if p.args == ["--help"]));
    }

    #[test]
    fn runner_arguments_follow_two_dashes() {
        let cli =
            Cli::try_parse_from(["dev", "test", "queue", "--", "--nocapture"]).expect("must parse");
        assert!(matches!(cli.command, Command::Test(t)
            if t.filters == ["queue"] && t.runner_args == ["--nocapture"]));
    }
}
