//! `cargo dev test`: the whole suite on servers of its own, which are gone afterwards.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

use crate::cli::TestArgs;
use crate::host::checkout::{Checkout, cargo};
use crate::host::env;
use crate::host::os_user::OsUser;
use crate::host::run;
use crate::host::temp_dir::TempDir;
use crate::net::pg_url::PgUrl;
use crate::net::ports::Chooser;
use crate::servers::cluster::{Cluster, Serving};
use crate::servers::postgres::Programs;
use crate::servers::{nats, rotel};
use crate::stack::build::{APPS, Build};
use crate::stack::data_dir::DataDir;
use crate::stack::servers;
use crate::stack::supervisor::Supervisor;
use crate::term::progress;

/// Lets tests stop or kill a binary at a named step.
pub(crate) const FEATURES: &str = "medique-api/failpoints,medique-workers/failpoints";

/// The tests that kill, freeze and cut off processes under load and then read both streams and the database for
/// broken promises: what `cargo dev chaos` runs.
pub(crate) fn faults() -> TestArgs {
    const FAULTS: [&str; 5] = [
        "crashes::",
        "outages::",
        "durability::",
        "rebalance::",
        "tokens::",
    ];
    TestArgs {
        filters: FAULTS.map(str::to_owned).to_vec(),
        contract: false,
        browser: false,
        runner_args: Vec::new(),
    }
}

/// How the tests are run when it is not as usual.
#[derive(Debug, Default)]
pub(crate) struct Special {
    /// Tests that only a command of their own runs, with what they print.
    pub(crate) ignored: bool,
    /// More that the tests are told.
    pub(crate) told: Vec<(&'static str, OsString)>,
    /// Binaries to be tested that were built already.
    pub(crate) bin_dir: Option<PathBuf>,
}

/// Runs the tests so often, or until some fail.
pub(crate) fn run(args: &TestArgs, rounds: u16) -> Result<u8> {
    run_special(args, rounds, Special::default())
}

/// Builds the binaries as the tests want them, and gives their folder.
pub(crate) fn build(checkout: &Checkout) -> Result<PathBuf> {
    Build {
        packages: &APPS,
        features: FEATURES,
        release: false,
    }
    .run(checkout)
}

/// As [`run()`], otherwise than usual.
pub(crate) fn run_special(args: &TestArgs, rounds: u16, special: Special) -> Result<u8> {
    let checkout = Checkout::find()?;
    let cache = checkout.dev_dir().join("bin");
    let nats_server = nats::find_or_fetch(&cache)?;
    let user = OsUser::for_postgres()?;
    let programs = Programs::find_or_fetch(&user, None, &cache)?;
    let bin_dir = match &special.bin_dir {
        Some(built) => built.clone(),
        None => build(&checkout)?,
    };

    let collector = rotel::find_or_fetch(&cache);
    if let Err(error) = &collector {
        progress::say(&format!(
            "SKIPPED: tests with a collector that is not ours: {error:#}"
        ));
    }
    let temp = TempDir::create("medique-test")?;
    let dir = DataDir::at(temp.path())?;
    let cluster = Cluster::in_dir(dir.path(), &user)?;
    let status = {
        let mut supervisor = Supervisor::new(&dir)?;
        progress::say("the test cluster runs without fsync: it is thrown away");
        let url = start_throwaway(&cluster, &programs, &dir, &mut supervisor)?;
        // the test runner's own closing lines come last
        supervisor.be_quiet();
        let mut runner = runner(&checkout, args, special.ignored);
        runner.envs(special.told);
        runner
            .env("MEDIQUE_TEST_NATS_SERVER", &nats_server)
            .env("MEDIQUE_TEST_PG_BIN", &programs.dir)
            .env("MEDIQUE_TEST_PG_URL", url.to_string())
            .env("MEDIQUE_TEST_PG_USER", user.name())
            .env("MEDIQUE_TEST_BIN_DIR", &bin_dir);
        if let Ok(program) = &collector {
            runner.env("MEDIQUE_TEST_ROTEL", program);
        }
        let mut status = run::status_of(&mut runner)?;
        for _ in 1..rounds {
            if status.success() {
                status = run::status_of(&mut runner)?;
            }
        }
        status
    };
    remove(cluster.dir())?;
    Ok(exit_code(status))
}

fn start_throwaway(
    cluster: &Cluster,
    programs: &Programs,
    dir: &DataDir,
    supervisor: &mut Supervisor,
) -> Result<PgUrl> {
    let mut chooser = Chooser::default();
    let port = chooser.prefer("postgres", None)?;
    drop(chooser.finish());
    let serving = Serving {
        port,
        max_connections: 500,
        durable: false,
    };
    let (url, _) = servers::start_cluster(cluster, programs, supervisor, &dir.secrets()?, serving)?;
    Ok(url)
}

/// cargo-nextest where it is installed, else cargo's own runner.
fn runner(checkout: &Checkout, args: &TestArgs, ignored: bool) -> Command {
    let mut probe = cargo();
    probe
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let has_nextest = probe.status().is_ok_and(|status| status.success());
    let mut command = cargo();
    command.current_dir(&checkout.root);
    command.args(if has_nextest {
        ["nextest", "run"].as_slice()
    } else {
        &["test"]
    });
    // the same features as the binaries, or the runner would build them anew without
    command.args(["--workspace", "--features", FEATURES]);
    if ignored {
        command.args(["--test", "it"]);
    }
    if !has_nextest {
        // cargo's own runner takes several filters only behind the dashes
        command.arg("--");
    }
    if ignored {
        command.args(if has_nextest {
            ["--run-ignored", "only", "--no-capture"].as_slice()
        } else {
            &["--ignored", "--nocapture"]
        });
    }
    command.args(&args.filters).args(&args.runner_args);
    env::hide(&mut command, is_foreign);
    command
}

/// Settings of a running stack have no place in a test.
fn is_foreign(name: &str) -> bool {
    name.starts_with("MEDIQUE_") && !name.starts_with("MEDIQUE_TEST_")
}

/// The cluster, wherever its user could reach it.
fn remove(dir: &Path) -> Result<()> {
    std::fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))
}

fn exit_code(status: ExitStatus) -> u8 {
    // no code: ended by a signal
    status
        .code()
        .map_or(130, |code| u8::try_from(code).unwrap_or(1))
}
