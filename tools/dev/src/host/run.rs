//! Runs a helper program to its end, stoppable by a signal.

use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::term::interrupt;

/// Standard output of a program that must succeed; otherwise the error carries the last lines it wrote.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String> {
    let name = program_name(command);
    let output = output_of(command)?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, last_words(&output));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program on our own terminal, in our own process group, and passes on a signal that only we got.
pub(crate) fn status_of(command: &mut Command) -> Result<ExitStatus> {
    let name = program_name(command);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    let pid = pid_of(&child)?;
    let mut told = interrupt::count();
    loop {
        if let Some(status) = child
            .try_wait()
            .with_context(|| format!("cannot wait for {name}"))?
        {
            return Ok(status);
        }
        if interrupt::count() > told {
            told = interrupt::count();
            // a failure means that it is gone already
            let _ = kill(pid, Signal::SIGTERM);
        }
        thread::sleep(interrupt::POLL);
    }
}

/// Everything that a program printed, whatever its exit status.
pub(crate) fn output_of(command: &mut Command) -> Result<Output> {
    let name = program_name(command);
    // a group of its own, so that a Ctrl-C at the terminal reaches only the launcher, which decides
    let child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!("{name} was not found"),
            _ => anyhow!("cannot run {name}: {error}"),
        })?;
    let group = pid_of(&child)?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let mut told = 0;
    loop {
        match receiver.recv_timeout(interrupt::POLL) {
            Ok(output) => {
                interrupt::check()?;
                return output.with_context(|| format!("cannot wait for {name}"));
            }
            Err(RecvTimeoutError::Timeout) if interrupt::count() > told => {
                // a failure means that it is gone already
                let signal = if told == 0 {
                    Signal::SIGTERM
                } else {
                    Signal::SIGKILL
                };
                let _ = killpg(group, signal);
                told = interrupt::count();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("lost track of {name}"),
        }
    }
}

fn pid_of(child: &Child) -> Result<Pid> {
    Ok(Pid::from_raw(
        i32::try_from(child.id()).context("a process id beyond 31 bits")?,
    ))
}

fn program_name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn last_words(output: &Output) -> String {
    let stream = if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    };
    let text = String::from_utf8_lossy(stream);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(4)..].join("; ")
}
