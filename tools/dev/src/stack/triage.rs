//! Who gives triage advice: a service that was given, else a stand-in of ours.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::record::Tier;
use super::servers::port;
use super::supervisor::Supervisor;
use crate::host::env;
use crate::net::ports::Ports;

/// The stand-in's port by name.
pub(crate) const PORT: &str = "triage";

/// The adviser of a stack.
#[derive(Debug)]
pub(crate) struct Adviser {
    /// Where it is.
    pub(crate) url: String,
    /// The same, when it is our stand-in.
    pub(crate) stand_in: Option<String>,
}

/// `MEDIQUE_AI_URL`: no stand-in is started.
pub(crate) fn given() -> Option<String> {
    env::text("MEDIQUE_AI_URL")
}

/// Starts the stand-in, unless there is a service.
pub(crate) fn start(supervisor: &mut Supervisor, bin_dir: &Path, ports: &Ports) -> Result<Adviser> {
    if let Some(url) = given() {
        return Ok(Adviser {
            url,
            stand_in: None,
        });
    }
    let port = port(ports, PORT)?;
    let mut command = Command::new(bin_dir.join("medique-triage-sim"));
    command.args(["--port", &port.to_string()]);
    supervisor.spawn("triage", Tier::Triage, command)?;
    let url = format!("http://127.0.0.1:{port}");
    Ok(Adviser {
        url: url.clone(),
        stand_in: Some(url),
    })
}
