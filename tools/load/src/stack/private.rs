//! A stack of our own, started by the launcher and gone afterwards.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use uuid::Uuid;

use super::state::State;

/// Building release binaries on a small machine takes minutes.
const START_LIMIT: Duration = Duration::from_secs(1_800);
const POLL: Duration = Duration::from_millis(100);

/// What a stack has beyond what every one has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct With {
    /// The broker writes to disk before it answers.
    pub(crate) sync_always: bool,
    /// The adviser's stand-in is asked about every check-in.
    pub(crate) adviser: bool,
    /// A collector that gets everything of every trace; without one, nothing is exported.
    pub(crate) traces: bool,
}

/// A running stack; dropping it stops everything and removes its data.
#[derive(Debug)]
pub(crate) struct PrivateStack {
    launcher: PathBuf,
    dir: PathBuf,
    child: Child,
}

impl PrivateStack {
    /// Starts release builds on servers of their own and waits until they are ready.
    pub(crate) async fn start(launcher: &Path, with: With) -> Result<(Self, State)> {
        let dir = parent_dir().join(format!("medique-bench-{}", Uuid::new_v4().simple()));
        let mut command = Command::new(launcher);
        command.args(["up", "--release", "--data-dir"]).arg(&dir);
        if with.sync_always {
            command.arg("--sync-always");
        }
        if !with.adviser {
            command.arg("--no-adviser");
        }
        if !with.traces {
            command.arg("--no-collector");
        }
        // Servers and state of another stack are not meant.
        for name in [
            "MEDIQUE_NATS_URL",
            "MEDIQUE_DATABASE_URL",
            "MEDIQUE_SMTP_URL",
            "MEDIQUE_AI_URL",
            "MEDIQUE_AI_PROVIDER",
            "MEDIQUE_AI_MODEL",
            "MEDIQUE_AI_KEY",
            "MEDIQUE_AI_KEY_FILE",
            "MEDIQUE_STATE",
            "MEDIQUE_OTLP_ENDPOINT",
        ] {
            command.env_remove(name);
        }
        // Its table of logins is for people; its progress goes to standard error as ours does. In a
        // group of its own, a Ctrl-C reaches only us, and we stop it in order.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", launcher.display()))?;
        let mut stack = Self {
            launcher: launcher.to_owned(),
            dir,
            child,
        };
        let state = stack.wait_ready().await?;
        Ok((stack, state))
    }

    /// Where its data are.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    async fn wait_ready(&mut self) -> Result<State> {
        let file = self.dir.join("state.json");
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("the launcher ended before its stack was ready: {status}");
            }
            if file.exists() {
                return State::read(&file);
            }
            tokio::time::sleep(POLL).await;
        }
        bail!("the stack was not ready in time")
    }
}

impl Drop for PrivateStack {
    fn drop(&mut self) {
        let stop = Command::new(&self.launcher)
            .args(["down", "--data-dir"])
            .arg(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        if !stop.is_ok_and(|status| status.success()) {
            eprintln!("cannot stop the stack in {}", self.dir.display());
            return;
        }
        // It was told to stop, and says when it has.
        let _ = self.child.wait();
        if let Err(error) = std::fs::remove_dir_all(&self.dir) {
            eprintln!("cannot remove {}: {error}", self.dir.display());
        }
    }
}

/// A place on a real disk, where there is one: the usual temporary folder may be memory.
fn parent_dir() -> PathBuf {
    let lasting = PathBuf::from("/var/tmp");
    if lasting.is_dir() {
        lasting
    } else {
        std::env::temp_dir()
    }
}
