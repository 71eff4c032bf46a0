//! One Postgres cluster: made once, then served on a loopback port.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::postgres::Programs;
use crate::host::os_user::OsUser;
use crate::host::{env, files, run};
use crate::net::pg_url::PgUrl;
use crate::term::progress;

/// Superuser of the clusters that we make.
const SUPERUSER: &str = "medique_superuser";

/// Where a cluster lives and whom it belongs to.
#[derive(Debug)]
pub(crate) struct Cluster {
    dir: PathBuf,
    user: OsUser,
}

/// How it is served.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Serving {
    pub(crate) port: u16,
    pub(crate) max_connections: u16,
    /// Flush to disk; off only for clusters that are thrown away.
    pub(crate) durable: bool,
}

impl Cluster {
    /// A cluster in `dir`, or where its user can reach it when that is not there.
    pub(crate) fn in_dir(dir: &Path, user: &OsUser) -> Result<Self> {
        let dir = user.reachable_dir(dir)?.join("postgres");
        user.make_own_dir(&dir)?;
        Ok(Self {
            dir,
            user: user.clone(),
        })
    }

    /// Major version of the data that are there.
    pub(crate) fn major(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("PG_VERSION"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Where its files are.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the cluster unless there is one.
    pub(crate) fn create(&self, programs: &Programs, password: &str) -> Result<()> {
        if self.data().exists() {
            return Ok(());
        }
        progress::step("creating the Postgres cluster", || {
            self.init(programs, password)
        })
    }

    /// The command that serves it.
    pub(crate) fn command(&self, programs: &Programs, serving: Serving) -> Command {
        let mut command = self.program(programs, "postgres");
        command.arg("-D").arg(self.data());
        let fsync = if serving.durable { "on" } else { "off" };
        for setting in [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", serving.port),
            // TCP only: socket paths are short of room, and a temporary folder is everybody's
            "unix_socket_directories=".to_owned(),
            format!("max_connections={}", serving.max_connections),
            format!("fsync={fsync}"),
            // `cargo dev load` and `bench` ask when a command's transaction committed
            "track_commit_timestamp=on".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        command
    }

    /// URL of its superuser.
    pub(crate) fn superuser(password: &str, port: u16) -> PgUrl {
        PgUrl::local(SUPERUSER, password, port, "postgres")
    }

    fn init(&self, programs: &Programs, password: &str) -> Result<()> {
        // made under another name, so that an interrupted start never leaves half a cluster
        let draft = self.dir.join("data.draft");
        if draft.exists() {
            fs::remove_dir_all(&draft).context("cannot remove what an interrupted start left")?;
        }
        let password_file = self.dir.join("superuser-password");
        files::write_private(&password_file, password)?;
        self.user.own(&password_file)?;
        let made = run::stdout_of(
            self.program(programs, "initdb")
                .args([
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--username",
                    SUPERUSER,
                ])
                .arg("--pwfile")
                .arg(&password_file)
                .arg("-D")
                .arg(&draft),
        );
        files::remove(&password_file)?;
        made?;
        fs::rename(&draft, self.data()).context("cannot put the cluster in place")
    }

    fn program(&self, programs: &Programs, name: &str) -> Command {
        let mut command = self.user.command(&programs.path(name));
        env::hide(&mut command, |name| {
            ["PG", "LC_", "MEDIQUE_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        });
        // macOS: Postgres refuses to start when it has to ask the system for the locale
        command.env("LC_ALL", "C");
        command
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }
}
