//! Which process is meant: a pid alone may belong to somebody else by now, a pid with its start time may not.

use anyhow::{Context, Result};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// A process that we started, or were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) pid: i32,
    /// When it started, as the system says it; compared only for equality.
    pub(crate) started: String,
}

impl Identity {
    /// The running process with this pid.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let pid = i32::try_from(pid).context("a process id beyond 31 bits")?;
        let started = start_time(pid).with_context(|| format!("process {pid} is gone"))?;
        Ok(Self { pid, started })
    }

    /// Ourselves.
    pub(crate) fn of_launcher() -> Result<Self> {
        Self::of(std::process::id())
    }

    pub(crate) fn is_alive(&self) -> bool {
        start_time(self.pid).is_some_and(|started| started == self.started)
    }

    /// Signals the process if it is still the one meant.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.is_alive() {
            // a failure means that it ended this very moment
            let _ = signal::kill(Pid::from_raw(self.pid), signal);
        }
    }
}

/// Boot and clock ticks since then.
#[cfg(target_os = "linux")]
fn start_time(pid: i32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks = ticks_of(&stat)?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{}/{ticks}", boot.trim()))
}

/// Field 22 of `/proc/PID/stat`; none for a zombie, which has ended. The name, field 2, may contain anything.
#[cfg(target_os = "linux")]
fn ticks_of(stat: &str) -> Option<&str> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    (state != "Z" && state != "X")
        .then(|| fields.nth(18))
        .flatten()
}

#[cfg(not(target_os = "linux"))]
fn start_time(pid: i32) -> Option<String> {
    let mut ps = std::process::Command::new("ps");
    let output = ps
        .args(["-o", "state=,lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (state, started) = text.trim().split_once(char::is_whitespace)?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_alive_and_somebody_else_with_our_pid_is_not() {
        let us = Identity::of_launcher().expect("we run");
        assert!(us.is_alive());
        assert!(
            !Identity {
                started: "another time".to_owned(),
                ..us
            }
            .is_alive()
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn reads_the_start_whatever_the_name_is() {
        let fields = (4..=22)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(ticks_of(&format!("7 (a) b (c) S {fields} 23")), Some("22"));
        assert_eq!(ticks_of(&format!("7 (gone) Z {fields} 23")), None);
        assert_eq!(ticks_of("nonsense"), None);
    }
}
