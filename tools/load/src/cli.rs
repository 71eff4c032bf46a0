//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

/// Makes work for a running MediQue and measures what became of it.
#[derive(Debug, Parser)]
#[command(name = "medique-load", bin_name = "cargo dev", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Replay(ReplayArgs),
    Load(LoadArgs),
    Bench(BenchArgs),
    TriageEval(TriageEvalArgs),
    /// The control of the benchmark: one synchronous transaction per request
    #[command(hide = true)]
    ControlServer(ControlArgs),
}

/// Where the stack is that `cargo dev up` started.
#[derive(Debug, Clone, Args)]
pub(crate) struct StateArg {
    /// The file in which the launcher says where the running stack is
    #[arg(
        long,
        value_name = "FILE",
        env = "MEDIQUE_STATE",
        default_value = ".dev/state.json"
    )]
    pub(crate) state: PathBuf,
}

/// Play recorded emergency-department stays through a running system
///
/// DIR holds edstays.csv.gz, triage.csv.gz and vitalsign.csv.gz of the MIMIC-IV-ED demo. Its dates
/// are shifted per patient, so stays arrive by hour of day, as if all of them had come on one day.
/// Reception checks them in; nurses record vital signs and set the recorded ESI level; doctors call
/// the next patient, start, let go for observation, and complete when the recorded stay ends.
/// Patients whose record says that they left before care was finished leave.
///
/// All along, the live stream of each department is followed. At the end a table says what was
/// accepted, applied, rejected and seen live; the exit code is 1 when anything is missing.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Folder with the three files
    pub(crate) dir: PathBuf,
    /// How many times faster than real time; 720 plays a day in two minutes
    #[arg(long, value_name = "X", default_value_t = 720.0, value_parser = positive)]
    pub(crate) speed: f64,
    /// Only the first N arrivals
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Code of the department that takes the patients [default: the emergency department, else the first]
    #[arg(long, value_name = "CODE")]
    pub(crate) department: Option<String>,
    /// Stop after this long, whatever is left
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = value_parser!(u64).range(1..=86_400))]
    pub(crate) max_seconds: u64,
    #[command(flatten)]
    pub(crate) state: StateArg,
}

/// Check patients in at a running system and measure the answers
///
/// With --rate, requests are sent at that rate whether or not earlier ones were answered (open
/// loop; latency counts from the intended time when no connection was free). Without it each
/// connection sends its next request as soon as the last was answered (closed loop).
#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    /// Check-ins per second, over all connections [default: as many as are answered]
    #[arg(long, value_name = "R", value_parser = positive)]
    pub(crate) rate: Option<f64>,
    /// For how long
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// Spread over the first D departments of the running system [default: all of them]
    #[arg(long, value_name = "D", value_parser = value_parser!(u16).range(1..=1_000))]
    pub(crate) departments: Option<u16>,
    /// Connections
    #[arg(long, value_name = "C", default_value_t = 64, value_parser = value_parser!(u16).range(1..=1_024))]
    pub(crate) connections: u16,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) state: StateArg,
}

/// Measure on servers of its own
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) command: BenchCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    Pipeline(PipelineArgs),
    Triage(TriageArgs),
}

/// Check-ins per second, and latency of acceptance, application and live events
///
/// Starts release builds on servers of its own, once with NATS's default sync_interval and once with
/// `always`, for 50 departments and for one hot department: open loop at 200/s and 2,000/s, then
/// closed loop at saturation. In the same run the control: the same transaction inside the request.
///
/// accepted: the API answered 202 (the control: 201). applied: Postgres' own commit timestamp of the
/// inbox row. live: the event arrived on a staff SSE stream. Latencies count from the moment of
/// sending; in open loop from the intended moment when every connection was busy.
/// applied/s = applied commands / (last commit - first send): it includes draining the backlog.
/// A refusal (503) is never counted as accepted; the request is repeated after a short pause.
#[derive(Debug, Args)]
pub(crate) struct PipelineArgs {
    /// Short runs: a look, not a measurement
    #[arg(long)]
    pub(crate) quick: bool,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Only runs whose name contains this, such as `always`, `hot`, `saturation`, `control`
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Vec<String>,
    /// Export every trace to a collector on this machine; without, nothing is exported, as by default
    #[arg(long)]
    pub(crate) traced: bool,
    /// Times to repeat each run, interleaved; medians are shown
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=20))]
    pub(crate) repeat: u16,
    /// The program that starts servers; the launcher says so itself
    #[arg(long, env = "MEDIQUE_DEV_BIN", value_name = "FILE", hide = true)]
    pub(crate) launcher: Option<PathBuf>,
}

/// What a triage adviser that hangs costs everybody else
///
/// Starts release builds on servers of its own and checks patients in at a steady rate, first while
/// the stand-in for the adviser answers (median 40 ms), then while it hangs. Shows latencies of
/// check-ins in both, and the ratio: 1 means that nobody notices.
#[derive(Debug, Args)]
pub(crate) struct TriageArgs {
    /// Check-ins per second
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u16).range(1..=500))]
    pub(crate) rate: u16,
    /// Length of each run
    #[arg(long, value_name = "S", default_value_t = 15, value_parser = value_parser!(u16).range(1..=120))]
    pub(crate) seconds: u16,
    /// Times to repeat each run; medians are shown
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=20))]
    pub(crate) repeat: u16,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The program that starts servers; the launcher says so itself
    #[arg(long, env = "MEDIQUE_DEV_BIN", value_name = "FILE", hide = true)]
    pub(crate) launcher: Option<PathBuf>,
}

/// Hold the safety floor against recorded triage with expert levels
///
/// FILE is in the KTAS layout (Moon et al. 2019): columns parted by `;`, `??` where a vital sign
/// could not be measured. The floor sees age, sex, injury, complaint and vital signs; nothing that
/// was known only later.
#[derive(Debug, Args)]
pub(crate) struct TriageEvalArgs {
    /// The records
    pub(crate) file: PathBuf,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Other rules than those that are compiled in
    #[arg(long, value_name = "FILE", env = "MEDIQUE_TRIAGE_RULES")]
    pub(crate) rules: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ControlArgs {
    /// Database; the server makes a schema of its own in it
    #[arg(long, env = "MEDIQUE_CONTROL_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: String,
    /// Where to listen; the port that was taken is printed
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: std::net::SocketAddr,
    /// Connections to the database
    #[arg(long, default_value_t = 16)]
    pub(crate) pool: u32,
}

/// What was asked for cannot be done as asked; the exit code says so.
#[derive(Debug)]
pub(crate) struct Unusable(pub(crate) String);

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1_000_000.0 => Ok(value),
        _ => Err("must be a number above 0 and at most 1,000,000".to_owned()),
    }
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
    fn speed_and_rate_must_be_positive() {
        for bad in ["0", "-1", "NaN", "inf", "fast"] {
            assert!(
                Cli::try_parse_from(["x", "replay", "d", "--speed", bad]).is_err(),
                "{bad}"
            );
        }
        assert!(Cli::try_parse_from(["x", "load", "--rate", "0.5"]).is_ok());
    }
}
