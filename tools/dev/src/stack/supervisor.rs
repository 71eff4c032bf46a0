//! Starts processes, watches them, and stops them in order, whatever happened.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::Signal;

use super::data_dir::DataDir;
use super::identity::Identity;
use super::record::{Entry, Record, Tier};
use crate::host::files;
use crate::term::{interrupt, progress, tail};

/// How many lines of a log explain a death.
const LAST_WORDS: usize = 15;

/// The processes of one stack. Dropping it stops them.
#[derive(Debug)]
pub(crate) struct Supervisor {
    dir: DataDir,
    launcher: Identity,
    running: Vec<Running>,
    is_quiet: bool,
}

#[derive(Debug)]
struct Running {
    entry: Entry,
    child: Child,
    log: PathBuf,
    /// It ended by itself, and that was said.
    is_missed: bool,
}

impl Supervisor {
    pub(crate) fn new(dir: &DataDir) -> Result<Self> {
        files::make_dir(&dir.logs(), 0o700)?;
        let supervisor = Self {
            dir: dir.clone(),
            launcher: Identity::of_launcher()?,
            running: Vec::new(),
            is_quiet: false,
        };
        supervisor.record()?;
        Ok(supervisor)
    }

    /// Stops without a word, when the last words belong to somebody else.
    pub(crate) fn be_quiet(&mut self) {
        self.is_quiet = true;
    }

    /// Starts a process that writes to `logs/NAME.log`.
    pub(crate) fn spawn(&mut self, name: &str, tier: Tier, mut command: Command) -> Result<()> {
        interrupt::check()?;
        let log = self.dir.logs().join(format!("{name}.log"));
        if log.exists() {
            fs::rename(&log, log.with_extension("log.1")).context("cannot put an old log aside")?;
        }
        let output = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            // a group of its own: the terminal's Ctrl-C must reach only the launcher, which stops things in order
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone().context("cannot share a log")?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let identity = Identity::of(child.id());
        let identity =
            identity.or_else(|_| bail!("{name} ended at once, see {}", log.display()))?;
        let entry = Entry {
            name: name.to_owned(),
            tier,
            identity,
        };
        self.running.push(Running {
            entry,
            child,
            log,
            is_missed: false,
        });
        self.record()
    }

    /// Every process by name.
    pub(crate) fn pids(&self) -> impl Iterator<Item = (String, i32)> {
        self.running
            .iter()
            .map(|running| (running.entry.name.clone(), running.entry.identity.pid))
    }

    /// Polls `ready` until it holds; fails when a process dies meanwhile.
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        limit: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<()> {
        interrupt::wait_until(what, limit, || {
            self.check()?;
            Ok(ready())
        })
    }

    /// Fails when a process has ended by itself, with the last lines of its log. Nobody needs the collector: its end
    /// is said, and everything else goes on.
    pub(crate) fn check(&mut self) -> Result<()> {
        for running in &mut self.running {
            if let Some(status) = running.ended()?
                && !std::mem::replace(&mut running.is_missed, true)
            {
                if running.entry.tier == Tier::Collector {
                    let (name, log) = (&running.entry.name, running.log.display());
                    progress::say(&format!(
                        "{name} ended by itself ({status}), see {log}: telemetry is not kept"
                    ));
                    continue;
                }
                let words = tail::last_lines(&running.log, LAST_WORDS);
                bail!(
                    "{} ended by itself ({status}); the end of {}:\n{words}",
                    running.entry.name,
                    running.log.display()
                );
            }
        }
        Ok(())
    }

    /// Stops everything in order; a second signal kills what is left.
    fn stop(&mut self) {
        for tier in Tier::IN_STOP_ORDER {
            let of_tier: Vec<&mut Running> = self
                .running
                .iter_mut()
                .filter(|running| running.entry.tier == tier)
                .collect();
            if !of_tier.is_empty() {
                let stopped = if self.is_quiet {
                    stop_tier(of_tier, tier)
                } else {
                    progress::step(&format!("stopping {}", tier.label()), || {
                        stop_tier(of_tier, tier)
                    })
                };
                if let Err(error) = stopped {
                    eprintln!("{error:#}");
                }
            }
        }
        self.running.clear();
        for file in [self.dir.state_file(), self.dir.record_file()] {
            if let Err(error) = files::remove(&file) {
                eprintln!("{error:#}");
            }
        }
    }

    fn record(&self) -> Result<()> {
        let processes = self
            .running
            .iter()
            .map(|running| running.entry.clone())
            .collect();
        Record {
            launcher: self.launcher.clone(),
            processes,
        }
        .write(&self.dir.record_file())
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .with_context(|| format!("cannot tell whether {} runs", self.entry.name))
    }
}

fn stop_tier(mut left: Vec<&mut Running>, tier: Tier) -> Result<()> {
    let deadline = Instant::now() + tier.patience();
    for running in &left {
        running.entry.identity.signal(tier.stop_signal());
    }
    while Instant::now() < deadline && interrupt::count() < 2 {
        left.retain_mut(|running| matches!(running.ended(), Ok(None)));
        if left.is_empty() {
            return Ok(());
        }
        thread::sleep(interrupt::POLL);
    }
    let names: Vec<String> = left
        .iter()
        .map(|running| running.entry.name.clone())
        .collect();
    for running in left {
        running.entry.identity.signal(Signal::SIGKILL);
        running
            .child
            .wait()
            .with_context(|| format!("cannot wait for {}", running.entry.name))?;
    }
    Err(anyhow!(
        "killed {}, which did not stop in time",
        names.join(", ")
    ))
}
