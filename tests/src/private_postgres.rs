//! A Postgres cluster of one test, for tests that stop it.

use crate::await_until;
use crate::front::Authority;
use crate::ports::Port;
use crate::process::Process;
use crate::processes::Environment;
use crate::scratch::Scratch;
use crate::settings::Settings;
use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::User;
use sqlx::Connection as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const START_WITHIN: Duration = Duration::from_secs(30);
const SUPERUSER: &str = "postgres";

/// A cluster with no password, on loopback only.
#[derive(Debug)]
pub struct PrivatePostgres {
    process: Process,
    server: Server,
}

#[derive(Debug)]
struct Server {
    programs: PathBuf,
    data: PathBuf,
    user: Option<User>,
    port: Port,
    is_protected: bool,
    extra: Extra,
}

/// What a cluster is told beside the usual.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// `name=value` of its configuration.
    pub settings: Vec<String>,
    /// Environment of the server, and so of the commands that it runs.
    pub environment: Environment,
}

impl PrivatePostgres {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// initdb fails or the server does not come up.
    pub async fn start(settings: &Settings, scratch: &Scratch) -> Result<Self> {
        Self::start_with(settings, scratch, Extra::default()).await
    }

    /// Makes a cluster that is told more, and starts it.
    ///
    /// # Errors
    /// As [`PrivatePostgres::start`].
    pub async fn start_with(settings: &Settings, scratch: &Scratch, extra: Extra) -> Result<Self> {
        Self::launch(settings, scratch, extra, None).await
    }

    /// One where logins other than the superuser's show a certificate of the authority, over TLS, and
    /// nothing else.
    ///
    /// # Errors
    /// As [`PrivatePostgres::start`].
    pub async fn protected(
        settings: &Settings,
        scratch: &Scratch,
        authority: &Authority,
    ) -> Result<Self> {
        Self::launch(settings, scratch, Extra::default(), Some(authority)).await
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.server.port.number()
    }

    async fn launch(
        settings: &Settings,
        scratch: &Scratch,
        extra: Extra,
        authority: Option<&Authority>,
    ) -> Result<Self> {
        let mut server = Server::new(settings, &scratch.folder("postgres")?, extra)?;
        let mut initdb = server.command("initdb");
        initdb.args([
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "--username",
            SUPERUSER,
        ]);
        let made = initdb.output().context("cannot run initdb")?;
        if !made.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        }
        if let Some(authority) = authority {
            server.protect(authority)?;
        }
        Self::serve(server, scratch).await
    }

    /// Starts a server on the data that `restore` puts into a new folder, as the server's user.
    ///
    /// # Errors
    /// `restore` fails or the server does not come up.
    pub async fn restored(
        settings: &Settings,
        scratch: &Scratch,
        extra: Extra,
        restore: impl FnOnce(&Path, Option<&User>) -> Result<()>,
    ) -> Result<Self> {
        let folder = scratch.folder(&format!("restored-{}", uuid::Uuid::new_v4().simple()))?;
        let server = Server::new(settings, &folder, extra)?;
        restore(&server.data, server.user.as_ref())?;
        Self::serve(server, scratch).await
    }

    async fn serve(server: Server, scratch: &Scratch) -> Result<Self> {
        let process = Process::spawn("postgres", server.serve(), scratch)?;
        let postgres = Self { process, server };
        postgres.answers().await?;
        Ok(postgres)
    }

    /// Ends all of it as a crash of its host would, and deletes its data.
    ///
    /// # Errors
    /// It does not end, or the folder stays.
    pub async fn destroy(&mut self) -> Result<()> {
        self.stop_immediately().await?;
        Ok(std::fs::remove_dir_all(&self.server.data)?)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.server.port.number()
    }

    /// URL of its superuser.
    pub fn url(&self) -> String {
        format!(
            "postgres://{SUPERUSER}@127.0.0.1:{}/postgres",
            self.server.port.number()
        )
    }

    /// Stops it at once, as a power button would: connections break, the next start recovers.
    ///
    /// # Errors
    /// It does not end.
    pub async fn stop_immediately(&mut self) -> Result<()> {
        self.process.signal(Signal::SIGQUIT)?;
        self.process.end(START_WITHIN).await.map(drop)
    }

    /// Starts it again.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn restart(&mut self, scratch: &Scratch) -> Result<()> {
        self.process = Process::spawn("postgres", self.server.serve(), scratch)?;
        self.answers().await
    }

    async fn answers(&self) -> Result<()> {
        let url = self.url();
        await_until::holds("Postgres answers", START_WITHIN, || async {
            let mut connection = sqlx::PgConnection::connect(&url).await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            Ok(true)
        })
        .await
    }
}

impl Server {
    fn new(settings: &Settings, folder: &Path, extra: Extra) -> Result<Self> {
        let user = match &settings.postgres_user {
            Some(name) => {
                Some(User::from_name(name)?.with_context(|| format!("there is no user {name}"))?)
            }
            None => None,
        };
        if let Some(user) = &user {
            std::os::unix::fs::chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(Self {
            programs: settings.postgres_bin.clone(),
            data: folder.join("data"),
            user,
            port: Port::take()?,
            is_protected: false,
            extra,
        })
    }

    fn protect(&mut self, authority: &Authority) -> Result<()> {
        let identity = authority.files(&self.data, "127.0.0.1")?;
        authority.write(&self.data.join("authority.pem"))?;
        std::fs::write(
            self.data.join("pg_hba.conf"),
            format!("host all {SUPERUSER} 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 cert\n"),
        )?;
        if let Some(user) = &self.user {
            let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
            std::os::unix::fs::chown(&identity.key, Some(uid), Some(gid))?;
        }
        self.is_protected = true;
        Ok(())
    }

    fn serve(&self) -> Command {
        let mut command = self.command("postgres");
        let port = format!("port={}", self.port.number());
        // no flush to disk: the machine itself stays up in these tests
        for setting in [
            "listen_addresses=127.0.0.1",
            &port,
            "unix_socket_directories=",
            "fsync=off",
        ] {
            command.args(["-c", setting]);
        }
        if self.is_protected {
            for setting in [
                "ssl=on",
                "ssl_cert_file=127.0.0.1.pem",
                "ssl_key_file=127.0.0.1.key",
                "ssl_ca_file=authority.pem",
            ] {
                command.args(["-c", setting]);
            }
        }
        for setting in &self.extra.settings {
            command.args(["-c", setting]);
        }
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .env_clear()
            .env("LC_ALL", "C")
            .envs(&self.extra.environment)
            .arg("-D")
            .arg(&self.data);
        command.current_dir(Path::new("/"));
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}
