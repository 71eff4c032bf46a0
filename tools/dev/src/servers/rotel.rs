//! rotel, an OpenTelemetry collector that is not ours: where it comes from and how it is run.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::host::run;
use crate::host::wheel::{Build, Wheel};

const WHEEL: Wheel = Wheel {
    package: "rotel",
    version: "0.0.1a15",
    python: &[
        "--python-version",
        "3.11",
        "--implementation",
        "cp",
        "--abi",
        "cp311",
    ],
    programs: "rotel",
    builds: &[
        Build {
            os: "linux",
            arch: "x86_64",
            platform: "manylinux_2_34_x86_64",
            sha256: "2f4117e58410c933e0dc042a268ef738dab2e3a5d63b5831209acdac2a6ddcb7",
        },
        Build {
            os: "linux",
            arch: "aarch64",
            platform: "manylinux_2_34_aarch64",
            sha256: "4eb01f9e5d228e4086f63e16cf1d0fa6e92b724bde51f120932a742acec5b0ba",
        },
        Build {
            os: "macos",
            arch: "aarch64",
            platform: "macosx_11_0_arm64",
            sha256: "bcb27da321920ef4ba36367f6c51b22f0d69535e43bdf22f9a593384be87a55f",
        },
    ],
};

/// A collector that runs here, fetched into `cache`.
pub(crate) fn find_or_fetch(cache: &Path) -> Result<PathBuf> {
    let program = WHEEL.programs_in(cache)?.join("rotel-agent");
    // It brings a library of Python along by name only, which a machine may be without.
    let told = run::stdout_of(Command::new(&program).arg("--version"))
        .context("rotel does not run here (it needs libpython3.11)")?;
    if !told.contains("rotel") {
        bail!("what was fetched as rotel is something else");
    }
    Ok(program)
}

/// How one collector runs: takes OTLP on two ports, and passes everything on.
#[derive(Debug)]
pub(crate) struct RotelConfig<'a> {
    /// Folder of its own files.
    pub(crate) dir: &'a Path,
    pub(crate) grpc_port: u16,
    pub(crate) http_port: u16,
    /// Where it passes everything on to, over HTTP.
    pub(crate) sink_port: u16,
}

impl RotelConfig<'_> {
    /// The command that serves it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let here = |port: u16| format!("{}:{port}", Ipv4Addr::LOCALHOST);
        let mut command = Command::new(program);
        command
            .arg("start")
            .args(["--otlp-grpc-endpoint", &here(self.grpc_port)])
            .args(["--otlp-http-endpoint", &here(self.http_port)])
            .args(["--exporter", "otlp"])
            .args(["--otlp-exporter-protocol", "http"])
            .arg("--otlp-exporter-endpoint")
            .arg(format!("http://{}", here(self.sink_port)))
            .arg("--pid-file")
            .arg(self.dir.join("rotel.pid"));
        command
    }
}
