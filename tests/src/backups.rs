//! A place for backups, and the scripts of `deploy/backup` run as an operator would.
//!
//! Scripts and binary are copied into the folder of the test: whoever runs Postgres may not be
//! allowed to see the checkout.

use crate::private_postgres::{Extra, PrivatePostgres};
use crate::processes::{Environment, common_environment};
use crate::scratch::Scratch;
use crate::settings::Settings;
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use nix::unistd::User;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Backups {
    tools: PathBuf,
    kept: PathBuf,
    environment: Environment,
}

impl Backups {
    /// An empty place with a key of its own.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn new(settings: &Settings, scratch: &Scratch) -> Result<Self> {
        let (tools, kept) = (scratch.folder("backup-tools")?, scratch.folder("backups")?);
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/backup");
        for entry in std::fs::read_dir(&scripts).context("deploy/backup")? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "sh") {
                std::fs::copy(&path, tools.join(path.file_name().unwrap_or_default()))?;
            }
        }
        let worker = tools.join("medique-worker");
        std::fs::copy(settings.binary("medique-worker"), worker)?;
        let key = tools.join("backup_key");
        let bytes: Vec<u8> = (0..2)
            .flat_map(|_| uuid::Uuid::new_v4().into_bytes())
            .collect();
        std::fs::write(
            &key,
            base64::engine::general_purpose::STANDARD.encode(bytes),
        )?;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
        let wal = scratch.folder("backups/wal")?;
        if let Some(name) = &settings.postgres_user
            && let Some(user) = User::from_name(name)?
        {
            // The server archives by itself, and so seals.
            for path in [&wal, &key] {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
            }
        }
        let path = [&tools, &settings.postgres_bin].map(|folder| folder.display().to_string());
        let environment = [
            (
                "PATH",
                format!("{}:/usr/local/bin:/usr/bin:/bin", path.join(":")),
            ),
            ("MEDIQUE_BACKUP_DIR", kept.display().to_string()),
            ("MEDIQUE_BACKUP_KEY_FILE", key.display().to_string()),
        ];
        let environment = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Ok(Self {
            tools,
            kept,
            environment,
        })
    }

    /// How a cluster is told to archive here; the longest that a record waits for its segment to be
    /// archived is `timeout_s`.
    pub fn archiving(&self, timeout_s: u32) -> Extra {
        let script = self.tools.join("archive-wal.sh");
        Extra {
            settings: vec![
                "wal_level=replica".to_owned(),
                "archive_mode=on".to_owned(),
                format!("archive_timeout={timeout_s}"),
                format!("archive_command=\"{}\" \"%p\" \"%f\"", script.display()),
            ],
            environment: self.environment.clone(),
        }
    }

    /// Runs a script against these servers and gives the last line that it printed.
    ///
    /// # Errors
    /// It fails; what it said is in the message.
    pub fn run(
        &self,
        script: &str,
        arguments: &[&Path],
        nats_url: &str,
        postgres: &PrivatePostgres,
        database_url: &str,
    ) -> Result<PathBuf> {
        let mut command = Command::new(self.tools.join(script));
        command
            .env_clear()
            .envs(common_environment(nats_url, database_url))
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", postgres.port().to_string())
            .env("PGUSER", "postgres")
            .args(arguments);
        self.finished(command)
    }

    /// Restores a base backup into `data`, as the user who is to run Postgres there.
    ///
    /// # Errors
    /// As [`Backups::run`].
    pub fn restore_postgres(&self, base: &Path, data: &Path, user: Option<&User>) -> Result<()> {
        if let Some(user) = user {
            let uid = Some(user.uid.as_raw());
            for path in std::iter::once(base.to_owned()).chain(files_of(base)?) {
                chown(&path, uid, None)?;
            }
            std::fs::set_permissions(
                base.parent().unwrap_or(base),
                std::fs::Permissions::from_mode(0o755),
            )?;
        }
        let mut command = Command::new(self.tools.join("restore-postgres.sh"));
        command.env_clear().arg(base).arg(data);
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        self.finished(command).map(drop)
    }

    /// The file with the key.
    pub fn key_file(&self) -> String {
        self.environment["MEDIQUE_BACKUP_KEY_FILE"].clone()
    }

    /// The files that are kept under `part`.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn files(&self, part: &str) -> Result<Vec<PathBuf>> {
        files_of(&self.kept.join(part))
    }

    fn finished(&self, mut command: Command) -> Result<PathBuf> {
        command.envs(&self.environment).current_dir("/");
        let name = command.get_program().to_owned();
        let output = command
            .output()
            .with_context(|| format!("cannot run {}", name.display()))?;
        let told = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            bail!("{} failed: {told}{error}", name.display());
        }
        Ok(PathBuf::from(told.lines().last().unwrap_or_default()))
    }
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    Ok(files)
}
