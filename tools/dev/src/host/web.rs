//! The screens in `api/web`: built with Node where it is there, left out where it is not.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::checkout::Checkout;
use super::run;
use crate::term::progress;

/// The oldest Node that the build tools run on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Builds the screens when that can be done and is needed; says plainly when it cannot.
pub(crate) fn build_where_possible(checkout: &Checkout) {
    if let Err(error) = build(checkout) {
        progress::say(&format!(
            "the screens are not built anew, the API works without them: {error:#}"
        ));
    }
}

/// Builds the screens when what they are made of is newer.
pub(crate) fn build(checkout: &Checkout) -> Result<()> {
    check_node()?;
    let web = folder(checkout);
    install(&web)?;
    let page = page(checkout);
    if modified(&page) >= newest(&web)? {
        return Ok(());
    }
    progress::step("building the screens", || npm(&web, &["run", "build"]))
}

/// Whether there are screens to be served.
pub(crate) fn is_built(checkout: &Checkout) -> bool {
    page(checkout).exists()
}

/// Where the sources of the screens are.
pub(crate) fn folder(checkout: &Checkout) -> PathBuf {
    checkout.root.join("api/web")
}

fn page(checkout: &Checkout) -> PathBuf {
    folder(checkout).join("dist/index.html")
}

fn check_node() -> Result<()> {
    let text = run::stdout_of(Command::new("node").arg("--version"))
        .context("Node 20.19 or newer is needed")?;
    let mut parts = text.trim().trim_start_matches('v').split('.');
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
    match (number(), number()) {
        (Some(major), Some(minor)) if (major, minor) >= NODE_MIN => Ok(()),
        _ => bail!("Node 20.19 or newer is needed, this is {}", text.trim()),
    }
}

/// Installs what the lock file names, unless that was done since it changed.
fn install(web: &Path) -> Result<()> {
    let installed = modified(&web.join("node_modules/.package-lock.json"));
    if installed >= modified(&web.join("package-lock.json")) {
        return Ok(());
    }
    progress::step("installing what the screens are built with", || {
        npm(web, &["ci"])
    })
}

fn npm(web: &Path, args: &[&str]) -> Result<()> {
    run::stdout_of(Command::new("npm").current_dir(web).args(args)).map(drop)
}

/// When a file changed last; the beginning of time for one that is not there.
fn modified(path: &Path) -> SystemTime {
    let time = path.metadata().and_then(|metadata| metadata.modified());
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// When anything changed last that the build reads.
fn newest(web: &Path) -> Result<SystemTime> {
    let mut newest = modified(&web.join("package-lock.json"));
    let mut folders = vec![web.join("src"), web.join("scripts")];
    for file in ["index.html", "vite.config.ts", "package.json"] {
        newest = newest.max(modified(&web.join(file)));
    }
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                newest = newest.max(modified(&path));
            }
        }
    }
    Ok(newest)
}
