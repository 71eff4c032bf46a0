//! A nats-server per test, on a port that it keeps over restarts.

use crate::await_until;
use crate::client::http_client;
use crate::front::Authority;
use crate::ports::Port;
use crate::process::Process;
use crate::scratch::Scratch;
use crate::secrets;
use crate::settings::Settings;
use anyhow::{Context, Result, ensure};
use medique_platform::bus::Bus;
use medique_platform::config::{BusConfig, Env};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const START_WITHIN: Duration = Duration::from_secs(15);
/// The test itself, which may do everything.
const USER: &str = "medique";
/// What each process may do: as in production, so that what it needs is seen to be allowed.
const PERMISSIONS: &str = include_str!("../../deploy/nats/permissions.conf");

/// The broker of one test. Its store survives [`NatsServer::kill9`].
#[derive(Debug)]
pub struct NatsServer {
    process: Process,
    program: PathBuf,
    config: PathBuf,
    port: Port,
    monitor: Port,
    login: Login,
    /// Vouches for it where its figures are read over TLS.
    ca: Option<reqwest::Certificate>,
}

/// How clients are known.
#[derive(Debug)]
enum Login {
    Password(String),
    /// What the test itself says in its connections.
    Certificate(Vec<(&'static str, String)>),
}

impl NatsServer {
    /// Starts one; with `sync_always` it flushes to disk before each PubAck.
    ///
    /// # Errors
    /// It does not come up; its log is in the message of the test.
    pub async fn start(settings: &Settings, scratch: &Scratch, sync_always: bool) -> Result<Self> {
        let password = secrets::password();
        let access = users(&password);
        let login = Login::Password(password);
        Self::launch(settings, scratch, sync_always, (access, login), None).await
    }

    /// One that speaks TLS only and knows clients by certificates of the authority: the api's and the
    /// worker's with the names given, and the test itself. It flushes to disk before each PubAck, for
    /// readiness to ask it so.
    ///
    /// # Errors
    /// As [`NatsServer::start`].
    pub async fn protected(
        settings: &Settings,
        scratch: &Scratch,
        authority: &Authority,
        names: [&str; 2],
    ) -> Result<Self> {
        let folder = scratch.folder("nats-identity")?;
        let (server, own) = (
            authority.files(&folder, "127.0.0.1")?,
            authority.files(&folder, USER)?,
        );
        let ca = folder.join("authority.pem");
        authority.write(&ca)?;
        let [api, worker] = names;
        let access = format!(
            "tls {{\ncert_file: {:?}\nkey_file: {:?}\nca_file: {ca:?}\nverify_and_map: true\n}}\n\
             authorization {{ users: [\n\
             {{ user: {USER} }}\n\
             {{ user: {api}, permissions: $api_permissions }}\n\
             {{ user: {worker}, permissions: $worker_permissions }}\n\
             {{ user: medique-admin, permissions: $admin_permissions }}\n\
             {{ user: medique-backup, permissions: $backup_permissions }}\n] }}\n",
            server.certificate, server.key,
        );
        let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
        let login = Login::Certificate(vec![
            ("MEDIQUE_NATS_CA", path(&ca)),
            ("MEDIQUE_NATS_CERTIFICATE", path(&own.certificate)),
            ("MEDIQUE_NATS_CERTIFICATE_KEY", path(&own.key)),
        ]);
        let ca = Some(authority.vouching()?);
        Self::launch(settings, scratch, true, (access, login), ca).await
    }

    async fn launch(
        settings: &Settings,
        scratch: &Scratch,
        sync_always: bool,
        (access, login): (String, Login),
        ca: Option<reqwest::Certificate>,
    ) -> Result<Self> {
        let monitoring = if ca.is_some() { "https" } else { "http" };
        let (port, monitor) = (Port::take()?, Port::take()?);
        let config = scratch.join("nats.conf");
        let sync = if sync_always {
            "sync_interval: always\n"
        } else {
            ""
        };
        std::fs::write(
            &config,
            format!(
                "listen: 127.0.0.1:{}\n{monitoring}: 127.0.0.1:{}\nserver_name: test\n{PERMISSIONS}\n{access}\n\
                 jetstream {{\nstore_dir: \"{}\"\n\
                 cipher: aes\nkey: \"{}\"\nmax_memory_store: 64MB\nmax_file_store: 4GB\n{sync}}}\n",
                port.number(),
                monitor.number(),
                scratch.folder("nats")?.display(),
                secrets::password(),
            ),
        )?;
        let program = settings.nats_server.clone();
        let process = spawn(&program, &config, scratch)?;
        let server = Self {
            process,
            program,
            config,
            port,
            monitor,
            login,
            ca,
        };
        server.is_healthy().await?;
        Ok(server)
    }

    /// Where clients connect, as the test itself.
    pub fn url(&self) -> String {
        self.url_of(USER)
    }

    /// The same for a process: `medique-api`, `medique-worker`, `medique-admin`, `medique-backup`.
    /// Without a password where certificates tell who it is.
    pub fn url_of(&self, user: &str) -> String {
        let port = self.port.number();
        match &self.login {
            Login::Password(password) => format!("nats://{user}:{password}@127.0.0.1:{port}"),
            Login::Certificate(_) => format!("tls://127.0.0.1:{port}"),
        }
    }

    /// Where its figures are.
    pub fn monitor_url(&self) -> String {
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.monitor.number())
    }

    /// Whether every process was allowed all that it asked for.
    ///
    /// # Errors
    /// Something was refused to somebody; the broker's words say what.
    pub fn has_refused_nothing(&self) -> Result<()> {
        let refused = self.refusals()?;
        ensure!(
            refused.is_empty(),
            "deploy/nats/permissions.conf refuses what is needed:\n{}",
            refused.join("\n")
        );
        Ok(())
    }

    /// What the broker refused so far, in its words.
    ///
    /// # Errors
    /// Its log cannot be read.
    pub fn refusals(&self) -> Result<Vec<String>> {
        let log = self.process.printed()?;
        let refused = log.lines().filter(|line| line.contains("Violation"));
        Ok(refused.map(str::to_owned).collect())
    }

    /// The server process, to be stopped and continued.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it as a crash would.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill9(&mut self) -> Result<()> {
        self.process.kill9()
    }

    /// Starts it again after [`NatsServer::kill9`], with the same port, store and password.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn restart(&mut self, scratch: &Scratch) -> Result<()> {
        self.process = spawn(&self.program, &self.config, scratch)?;
        self.is_healthy().await
    }

    /// A connection of the test itself: to look into the streams, or to put things there.
    ///
    /// # Errors
    /// The server is away.
    pub async fn bus(&self) -> Result<Bus> {
        self.bus_of(USER).await
    }

    /// A connection with the rights of a process, which bears its name.
    ///
    /// # Errors
    /// The server is away.
    pub async fn bus_of(&self, user: &str) -> Result<Bus> {
        let pairs = [
            ("MEDIQUE_NATS_URL", self.url_of(user)),
            ("MEDIQUE_COMMANDS_MAX_BYTES", COMMANDS_MAX_BYTES.to_owned()),
            ("MEDIQUE_EVENTS_MAX_BYTES", EVENTS_MAX_BYTES.to_owned()),
        ];
        let more = match &self.login {
            Login::Password(_) => &[][..],
            Login::Certificate(pairs) => pairs,
        };
        let mut env = Env::from_pairs(pairs.into_iter().chain(more.iter().cloned()));
        let config = BusConfig::read(&mut env);
        env.finish().context("the bus configuration of the tests")?;
        Bus::connect(&config, user)
            .await
            .context("connecting to the broker of the test")
    }

    async fn is_healthy(&self) -> Result<()> {
        let url = format!("{}/healthz", self.monitor_url());
        let http = match &self.ca {
            None => http_client()?,
            Some(ca) => crate::client::trusting([ca.clone()])?,
        };
        await_until::holds("nats-server is healthy", START_WITHIN, || {
            let request = http.get(&url);
            async move { Ok(request.send().await?.status().is_success()) }
        })
        .await
    }
}

/// The section of the configuration that says who may come.
fn users(password: &str) -> String {
    let limited = ["api", "worker", "admin", "backup"].map(|process| {
        format!(
            "{{ user: medique-{process}, password: \"{password}\", permissions: ${process}_permissions }}\n"
        )
    });
    format!(
        "authorization {{ users: [\n{{ user: {USER}, password: \"{password}\" }}\n{}] }}",
        limited.concat()
    )
}

/// Bounds of the streams: small, for many tests share a disk.
pub const COMMANDS_MAX_BYTES: &str = "268435456";
/// As [`COMMANDS_MAX_BYTES`], for events.
pub const EVENTS_MAX_BYTES: &str = "268435456";

fn spawn(
    program: &std::path::Path,
    config: &std::path::Path,
    scratch: &Scratch,
) -> Result<Process> {
    let mut command = Command::new(program);
    command.arg("--config").arg(config);
    Process::spawn("nats-server", command, scratch)
}
