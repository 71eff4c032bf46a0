//! `cargo dev test --contract`: Schemathesis tries every operation of the served OpenAPI document on a stack of its
//! own, which is gone afterwards.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cli::UpArgs;
use crate::host::checkout::Checkout;
use crate::host::run;
use crate::host::temp_dir::TempDir;
use crate::net::api::Api;
use crate::stack::data_dir::DataDir;
use crate::stack::start::{self, Stack};
use crate::term::progress;

const VERSION: &str = "4.32.5";

/// What Schemathesis is asked to do. The seed makes a failure repeatable; the time stays below the life of the token.
const FLAGS: [&str; 11] = [
    "--checks=all",
    // a schema cannot tell what the rules of a hospital refuse, nor that a made-up link or cursor is not ours
    "--exclude-checks=positive_data_acceptance",
    "--phases=examples,coverage,fuzzing",
    "--max-examples=20",
    "--max-time=300",
    "--workers=2",
    "--seed=1",
    "--request-timeout=10",
    "--continue-on-failure",
    // streams do not end by themselves; signing out would end the session that everything else needs
    "--exclude-path-regex=(/events$|/auth/)",
    "--no-color",
];

pub(crate) fn run() -> Result<u8> {
    let checkout = Checkout::find()?;
    let schemathesis = install(&checkout)?;
    let temp = TempDir::create("medique-contract")?;
    let dir = DataDir::at(temp.path())?;
    let stack = start::start(&checkout, &dir, &UpArgs::for_tests())?;
    let admin = admin_of(&stack)?;
    let api = Api::sign_in(&stack.state.api_url, &admin.email, &admin.password)?;
    let status = run::status_of(
        Command::new(schemathesis)
            .current_dir(temp.path())
            .arg("run")
            .arg(format!("{}/openapi.json", stack.state.api_url))
            .arg(format!("--header=Authorization:{}", api.authorization()))
            .args(FLAGS),
    )?;
    Ok(u8::from(!status.success()))
}

fn admin_of(stack: &Stack) -> Result<&crate::stack::state::User> {
    stack
        .state
        .demo
        .users
        .iter()
        .find(|user| user.role == "ADMIN")
        .context("the demo hospital has no administrator")
}

/// A Python environment of its own, kept for the next run.
fn install(checkout: &Checkout) -> Result<PathBuf> {
    let home = checkout.dev_dir().join(format!("schemathesis-{VERSION}"));
    let program = home.join("bin/schemathesis");
    if !program.exists() {
        progress::step("installing Schemathesis", || {
            run::stdout_of(
                Command::new("python3")
                    .args(["-m", "venv", "--clear"])
                    .arg(&home),
            )
            .context("python3 with venv is needed")?;
            let mut pip = Command::new(home.join("bin/python"));
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]);
            run::stdout_of(pip.arg(format!("schemathesis=={VERSION}")))
        })?;
    }
    Ok(program)
}
