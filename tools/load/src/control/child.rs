//! The control as a process of its own.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const START_LIMIT: Duration = Duration::from_secs(20);

/// A running control server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    _child: Child,
    pid: u32,
    address: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) async fn start(database_url: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("control-server")
            .env("MEDIQUE_CONTROL_DATABASE_URL", database_url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the control")?;
        let pid = child.id().context("the control ended at once")?;
        let mut lines =
            BufReader::new(child.stdout.take().context("the control has no output")?).lines();
        let line = tokio::time::timeout(START_LIMIT, lines.next_line())
            .await
            .context("the control did not start")??;
        let address = line.context("the control ended at once")?;
        Ok(Self {
            _child: child,
            pid,
            address,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}
