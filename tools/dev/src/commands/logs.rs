//! `cargo dev logs`: the end of the logs, and what is added to them.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::cli::LogsArgs;
use crate::host::checkout::Checkout;
use crate::stack::data_dir::DataDir;
use crate::term::{interrupt, tail};

pub(crate) fn run(args: &LogsArgs) -> Result<u8> {
    let dir = DataDir::find(&args.dir, &Checkout::find()?)?
        .context("no logs: nothing was started yet")?;
    let logs = find(&dir.logs(), args.name.as_deref())?;
    let mut positions: Vec<u64> = logs.iter().map(|log| length(log)).collect();
    for log in &logs {
        if logs.len() > 1 {
            println!("==> {} <==", log.display());
        }
        println!("{}", tail::last_lines(log, args.lines));
    }
    while args.follow && interrupt::count() == 0 {
        for (log, position) in logs.iter().zip(&mut positions) {
            print_from(log, position)?;
        }
        thread::sleep(interrupt::POLL);
    }
    Ok(0)
}

fn find(dir: &Path, name: Option<&str>) -> Result<Vec<PathBuf>> {
    let mut logs: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("no logs in {}: nothing was started yet", dir.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    let Some(name) = name else { return Ok(logs) };
    let known: Vec<String> = logs
        .iter()
        .filter_map(|log| Some(log.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    match known.iter().position(|one| one == name) {
        Some(index) => Ok(vec![logs.swap_remove(index)]),
        None => bail!("no log of `{name}`; there are: {}", known.join(", ")),
    }
}

/// Prints what was added; a log that got shorter was started anew.
fn print_from(log: &Path, position: &mut u64) -> Result<()> {
    let now = length(log);
    if now < *position {
        *position = 0;
    }
    if now > *position {
        let mut file = File::open(log).with_context(|| format!("cannot read {}", log.display()))?;
        file.seek(SeekFrom::Start(*position))
            .context("cannot seek in a log")?;
        *position += io::copy(&mut file.take(now - *position), &mut io::stdout().lock())
            .context("cannot print")?;
        io::stdout().flush().context("cannot print")?;
    }
    Ok(())
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
