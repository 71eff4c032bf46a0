//! A child process that can be killed, stopped, continued and read, and that never outlives its test.

use crate::await_until;
use crate::scratch::{Passed, Scratch};
use anyhow::{Context, Result, bail};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Lines of a log that a failed test shows.
const TAIL_LINES: usize = 40;

/// A running (or dead) child.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    passed: Passed,
    /// Its end is part of the test: its log explains no failure.
    meant_to_end: bool,
}

impl Process {
    /// Starts `command` with everything it prints appended to `<name>.log` in the folder of the test.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn spawn(name: &str, mut command: Command, scratch: &Scratch) -> Result<Self> {
        let log = scratch.join(&format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let program = command.get_program().to_owned();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
            passed: scratch.passed().clone(),
            meant_to_end: false,
        })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it printed so far, over all its starts.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn printed(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// How it ended, if it did.
    ///
    /// # Errors
    /// The system cannot say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it at once, as a crash would, and waits for its end.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill9(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// As [`Process::kill9`], for a process that is never looked at again.
    ///
    /// # Errors
    /// The system refuses.
    pub fn destroy(&mut self) -> Result<()> {
        self.meant_to_end = true;
        self.kill9()
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// The process has ended.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if let Some(status) = self.ended()? {
            bail!("{} cannot get {signal}: it ended with {status}", self.name);
        }
        let pid = i32::try_from(self.pid()).context("a process id beyond 31 bits")?;
        Ok(signal::kill(Pid::from_raw(pid), signal)?)
    }

    /// Freezes it.
    ///
    /// # Errors
    /// The process has ended.
    pub fn stop(&mut self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// The process has ended.
    pub fn cont(&mut self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// Asks it to end.
    ///
    /// # Errors
    /// The process has ended.
    pub fn term(&mut self) -> Result<()> {
        self.signal(Signal::SIGTERM)
    }

    /// Awaits its end.
    ///
    /// # Errors
    /// It goes on.
    pub async fn end(&mut self, within: Duration) -> Result<ExitStatus> {
        let what = format!("{} ends", self.name);
        let child = &mut self.child;
        await_until::until(&what, within, || {
            let look = child.try_wait();
            async move { Ok(look?) }
        })
        .await
    }

    /// Whether the system says that it is stopped (by SIGSTOP).
    ///
    /// # Errors
    /// There is no such process.
    pub fn is_stopped(&self) -> Result<bool> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        Ok(status
            .lines()
            .any(|line| line.starts_with("State:") && line.contains('T')))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // both fail only when it has ended
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !self.passed.get() && !self.meant_to_end {
            show_tail(&self.name, &self.log);
        }
    }
}

/// Prints the end of a log.
fn show_tail(name: &str, log: &Path) {
    let text = std::fs::read(log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
    eprintln!(
        "--- {name} ({}), last lines:\n{}",
        log.display(),
        tail.join("\n")
    );
}
