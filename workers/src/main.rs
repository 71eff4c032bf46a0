//! `medique-worker`: applies commands, and everything an operator does beside.

use clap::{Parser, Subcommand};
use medique_platform::config::{DatabaseConfig, Env, LogConfig};
use medique_platform::tls::ServerTls;
use medique_platform::{health, postgres, schema, telemetry};
use medique_workers::admin::{self, Admin};
use medique_workers::config::{Config, Roles};
use medique_workers::serve::serve;
use mimalloc::MiMalloc;
use std::io::Write as _;
use std::process::ExitCode;
use zeroizing_alloc::ZeroAlloc;

/// Exit code of an inspection that found something.
const NOT_IN_ORDER: u8 = 3;

/// A quarter of the CPU of an accepted command went into the system's allocator, and what it kept of
/// a burst it never gave back.
///
/// What is freed is overwritten first, wherever it was held: passwords, tokens and what patients say
/// pass through buffers of the HTTP server, the database and the broker that none of us owns.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

/// Applies commands to Postgres exactly once and publishes their events.
///
/// Exit codes: 0 done; 1 could not be done, the reason is on standard error; 2 not understood; 3 done,
/// and what was found is not in order (`admin audit verify`, `admin status --check`).
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run until stopped.
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value = "all")]
        role: Roles,
    },
    /// Bring the database to this build's schema. Run it once per deployment, as the database's owner.
    Migrate,
    /// Exit code 0 when the worker on MEDIQUE_WORKER_LISTEN is ready.
    Healthcheck,
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigTask),
    /// Operator's commands.
    Admin {
        /// Answer in JSON.
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        command: Admin,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigTask {
    /// Read the configuration as `serve` would and tell every problem.
    Check,
    /// Print every variable that can be set, in JSON.
    Reference,
}

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::install_crypto_provider();
    match run(Arguments::parse().task).await {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "medique-worker: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(task: Task) -> anyhow::Result<ExitCode> {
    let mut env = Env::from_process();
    match task {
        Task::Serve { role } => {
            let config = Config::read(env, role)?;
            let service = telemetry::Service {
                name: "medique-worker",
                version: env!("CARGO_PKG_VERSION"),
                instance: Some(config.worker_id.clone()),
            };
            // Held to the end: what is still to be told is told then.
            let _telemetry = telemetry::start(&config.log, &config.telemetry, &service)?;
            serve(config).await
        }
        Task::Migrate => {
            let (database, log) = (DatabaseConfig::read(&mut env), LogConfig::read(&mut env));
            env.finish_part()?;
            telemetry::init(&log)?;
            let pool = postgres::connect(&database, "medique-migrate", postgres::Plans::Anew)?;
            schema::MIGRATOR.run(&pool).await?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Healthcheck => {
            let (listen, tls) = (Config::read_listen(&mut env), ServerTls::read(&mut env));
            env.finish_part()?;
            let is_ready = health::is_ready(listen, tls.as_ref()).await?;
            Ok(ExitCode::from(u8::from(!is_ready)))
        }
        Task::Config(ConfigTask::Check) => {
            Config::read(env, Roles::All)?;
            writeln!(std::io::stdout(), "the configuration is good")?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Config(ConfigTask::Reference) => {
            let (worker, admin) = (Config::variables(), admin::variables());
            let variables = serde_json::json!({ "worker": worker, "admin": admin });
            writeln!(std::io::stdout(), "{variables:#}")?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Admin { json, command } => {
            let answer = admin::run(command, env).await?;
            let text = if json {
                answer.json.to_string()
            } else {
                answer.text
            };
            // Nothing to say: what was asked for went to standard output itself.
            if !text.is_empty() {
                writeln!(std::io::stdout(), "{text}")?;
            }
            Ok(match answer.in_order {
                true => ExitCode::SUCCESS,
                false => ExitCode::from(NOT_IN_ORDER),
            })
        }
    }
}
