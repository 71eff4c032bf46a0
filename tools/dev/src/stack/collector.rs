//! Where telemetry goes: a collector that was given, else one that we run, which keeps everything in files.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::record::Tier;
use super::servers::port;
use super::supervisor::Supervisor;
use crate::host::checkout::Checkout;
use crate::host::{env, files};
use crate::net::ports::Ports;
use crate::servers::rotel::{self, RotelConfig};
use crate::term::progress;

/// The collector's ports by name: for OTLP over gRPC and HTTP, and of the sink behind it.
pub(crate) const PORTS: [&str; 3] = ["otlp-grpc", "otlp", "otlp-sink"];

/// Where telemetry goes.
#[derive(Debug)]
pub(crate) enum Collector {
    /// `MEDIQUE_OTLP_ENDPOINT`: the binaries find it by themselves.
    Given,
    /// It runs here.
    Own { program: PathBuf },
    /// Nothing is kept.
    None,
}

impl Collector {
    /// Found before anything is started. Without one everything else goes on: that is said in one line.
    pub(crate) fn find(checkout: &Checkout, wanted: bool) -> Self {
        if env::text("MEDIQUE_OTLP_ENDPOINT").is_some() {
            return Self::Given;
        }
        if !wanted {
            return Self::None;
        }
        match rotel::find_or_fetch(&checkout.dev_dir().join("bin")) {
            Ok(program) => Self::Own { program },
            Err(error) => {
                progress::say(&format!(
                    "no traces are kept, `cargo dev trace` has nothing to show: {error:#}"
                ));
                Self::None
            }
        }
    }

    /// Starts it, and gives the address that the binaries are told.
    pub(crate) fn start(
        &self,
        supervisor: &mut Supervisor,
        bin_dir: &Path,
        dir: &Path,
        ports: &Ports,
    ) -> Result<Option<String>> {
        let Self::Own { program } = self else {
            return Ok(None);
        };
        files::make_dir(dir, 0o700)?;
        let [grpc, http, sink] = PORTS.map(|name| port(ports, name));
        let (grpc_port, http_port, sink_port) = (grpc?, http?, sink?);
        let mut command = Command::new(bin_dir.join("medique-otlp-sink"));
        command
            .args(["--port", &sink_port.to_string()])
            .arg("--dir")
            .arg(dir);
        supervisor.spawn("otlp-sink", Tier::Collector, command)?;
        let config = RotelConfig {
            dir,
            grpc_port,
            http_port,
            sink_port,
        };
        supervisor.spawn("rotel", Tier::Collector, config.command(program))?;
        Ok(Some(format!("http://127.0.0.1:{http_port}")))
    }
}
