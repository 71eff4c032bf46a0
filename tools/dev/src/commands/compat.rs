//! `cargo dev compat`: the binaries from before the last migration and those of this checkout, side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::test::{self, Special};
use crate::cli::{CompatArgs, TestArgs};
use crate::host::checkout::{Checkout, cargo};
use crate::host::run;
use crate::host::temp_dir::TempDir;
use crate::term::progress;

const BINARIES: [&str; 2] = ["medique-api", "medique-worker"];

pub(crate) fn run(args: &CompatArgs) -> Result<u8> {
    let checkout = Checkout::find()?;
    let base = match &args.base {
        Some(commit) => git(
            &checkout,
            &["rev-parse", "--verify", &format!("{commit}^{{commit}}")],
        )?,
        None => match before_last_migration(&checkout) {
            Ok(commit) => commit,
            Err(why) => {
                println!("!!! SKIPPED: compatibility with the last schema: {why:#}");
                return Ok(0);
            }
        },
    };
    let temp = TempDir::create("medique-compat")?;
    let new = kept(temp.path(), "new", &test::build(&checkout)?)?;
    let source = temp.path().join("source");
    let path = source.to_string_lossy().into_owned();
    git(
        &checkout,
        &["worktree", "add", "--force", "--detach", &path, &base],
    )?;
    let built = build_old(&checkout, &source);
    git(&checkout, &["worktree", "remove", "--force", &path])?;
    built?;
    let old = kept(temp.path(), "old", &checkout.bin_dir(false))?;
    // what stands in the target folder is of this checkout again
    test::build(&checkout)?;
    let only = TestArgs {
        filters: vec!["heavy_old_and_new".to_owned()],
        contract: false,
        browser: false,
        runner_args: Vec::new(),
    };
    let special = Special {
        ignored: true,
        told: vec![("MEDIQUE_TEST_OLD_BIN_DIR", old.into())],
        bin_dir: Some(new),
    };
    let code = test::run_special(&only, 1, special)?;
    let verdict = if code == 0 { "PASSED" } else { "FAILED" };
    println!(
        "compatibility {verdict}: {} beside this checkout",
        &base[..base.len().min(12)]
    );
    Ok(code)
}

/// The state of the main line that ran before the newest migration came in.
fn before_last_migration(checkout: &Checkout) -> Result<String> {
    let last = git(
        checkout,
        &[
            "log",
            "-1",
            "--first-parent",
            "--format=%H",
            "--",
            "migrations",
        ],
    )?;
    if last.is_empty() {
        bail!("there is no history here");
    }
    git(checkout, &["rev-parse", "--verify", &format!("{last}^1")])
        .context("the history does not reach back far enough (a shallow clone)")
}

/// Dependencies that did not change are not built again: both share one target folder.
fn build_old(checkout: &Checkout, source: &Path) -> Result<()> {
    progress::say("building the older binaries");
    set_apart(source)?;
    let mut command = cargo();
    command
        .current_dir(source)
        .args([
            "build",
            "--package",
            "medique-api",
            "--package",
            "medique-workers",
        ])
        .args(["--features", test::FEATURES])
        .arg("--target-dir")
        .arg(&checkout.target);
    if !run::status_of(&mut command)?.success() {
        bail!("the older binaries cannot be built, see above");
    }
    Ok(())
}

/// Gives the older crates another version. In one target folder cargo tells crates apart by name and version, and
/// would take an older one for this checkout's.
fn set_apart(source: &Path) -> Result<()> {
    let path = source.join("Cargo.toml");
    let manifest = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let apart = manifest.replacen("\nversion = \"", "\nversion = \"0.0.0-older.", 1);
    if apart == manifest {
        bail!("{} names no version", path.display());
    }
    fs::write(&path, apart).with_context(|| path.display().to_string())
}

/// Copies what the next build would replace.
fn kept(temp: &Path, name: &str, built: &Path) -> Result<PathBuf> {
    let folder = temp.join(name);
    fs::create_dir(&folder)?;
    for binary in BINARIES {
        let from = built.join(binary);
        fs::copy(&from, folder.join(binary)).with_context(|| from.display().to_string())?;
    }
    Ok(folder)
}

fn git(checkout: &Checkout, args: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    command.current_dir(&checkout.root).args(args);
    Ok(run::stdout_of(&mut command)?.trim().to_owned())
}
