//! Our two binaries as child processes, and single runs of them.

use crate::await_until;
use crate::client::http_client;
use crate::front::Identity;
use crate::nats::{COMMANDS_MAX_BYTES, EVENTS_MAX_BYTES};
use crate::ports::Port;
use crate::process::Process;
use crate::scratch::Scratch;
use crate::secrets::Secrets;
use crate::settings::Settings;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Kinds of budgets of the api's rate limits.
pub const RATES: [&str; 5] = ["STAFF", "PATIENT", "ADDRESS", "CHECK_IN", "POSTER"];
const OPERATOR_TOKEN: &str = "MEDIQUE_OPERATOR_TOKEN";
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Environment of a child: nothing of ours leaks into it.
pub type Environment = BTreeMap<String, String>;

/// What both binaries are told.
pub fn common_environment(nats_url: &str, database_url: &str) -> Environment {
    [
        ("MEDIQUE_NATS_URL", nats_url),
        ("MEDIQUE_DATABASE_URL", database_url),
        ("MEDIQUE_COMMANDS_MAX_BYTES", COMMANDS_MAX_BYTES),
        ("MEDIQUE_EVENTS_MAX_BYTES", EVENTS_MAX_BYTES),
        // few connections each: many tests share the cluster
        ("MEDIQUE_POOL_MAX", "6"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// What the api is told beside that.
pub fn api_environment(common: &Environment, secrets: &Secrets, port: &Port) -> Environment {
    let mut environment = common.clone();
    let url = format!("127.0.0.1:{}", port.number());
    environment.insert("MEDIQUE_API_LISTEN".to_owned(), url.clone());
    environment.insert("MEDIQUE_PUBLIC_URL".to_owned(), format!("http://{url}"));
    environment.insert(
        "MEDIQUE_JWT_SIGNING_KEY".to_owned(),
        secrets.jwt_signing_key.clone(),
    );
    environment.insert(
        "MEDIQUE_LINK_SECRET".to_owned(),
        secrets.link_secret.clone(),
    );
    environment.insert("MEDIQUE_MASTER_KEY".to_owned(), secrets.master_key.clone());
    environment.insert(
        "MEDIQUE_IDENTITY_KEY".to_owned(),
        secrets.identity_key.clone(),
    );
    // tests of a second factor ask for it
    environment.insert("MEDIQUE_TOTP_REQUIRED_ROLES".to_owned(), "none".to_owned());
    environment.insert(OPERATOR_TOKEN.to_owned(), secrets.operator_token.clone());
    // nobody routes requests to it who would have to notice that it ends
    environment.insert("MEDIQUE_DRAIN_GRACE_S".to_owned(), "0".to_owned());
    // one person does in seconds what a hospital does in a day
    for name in RATES {
        let name = |part: &str| format!("MEDIQUE_RATE_{name}_{part}");
        environment.insert(name("PER_MINUTE"), "60000000".to_owned());
        environment.insert(name("BURST"), "1000000".to_owned());
    }
    environment
}

/// What a worker is told beside that.
pub fn worker_environment(
    common: &Environment,
    secrets: &Secrets,
    port: &Port,
    id: &str,
) -> Environment {
    let mut environment = common.clone();
    environment.insert(
        "MEDIQUE_WORKER_LISTEN".to_owned(),
        format!("127.0.0.1:{}", port.number()),
    );
    environment.insert("MEDIQUE_WORKER_ID".to_owned(), id.to_owned());
    environment.insert("MEDIQUE_MASTER_KEY".to_owned(), secrets.master_key.clone());
    environment.insert(
        "MEDIQUE_AUDIT_SIGNING_KEY".to_owned(),
        secrets.audit_signing_key.clone(),
    );
    environment.insert(OPERATOR_TOKEN.to_owned(), secrets.operator_token.clone());
    environment
}

/// One running replica of a binary.
#[derive(Debug)]
pub struct Replica {
    name: String,
    program: PathBuf,
    environment: Environment,
    port: Port,
    metrics: Port,
    process: Process,
}

impl Replica {
    /// Starts `serve` of a binary that listens on `port`.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(
        name: &str,
        program: PathBuf,
        mut environment: Environment,
        port: Port,
        scratch: &Scratch,
    ) -> Result<Self> {
        let metrics = Port::take()?;
        environment.insert(
            "MEDIQUE_METRICS_LISTEN".to_owned(),
            format!("127.0.0.1:{}", metrics.number()),
        );
        let process = Process::spawn(name, command(&program, &environment, &["serve"]), scratch)?;
        Ok(Self {
            name: name.to_owned(),
            program,
            environment,
            port,
            metrics,
            process,
        })
    }

    /// Its name: also the worker's id.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    /// Where its figures are.
    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.metrics.number())
    }

    /// What its Prometheus endpoint says.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn metrics(&self) -> Result<String> {
        let answer = http_client()?.get(self.metrics_url()).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// The process, to be hurt and read.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// What a container would ask beside it: whether it is ready. With another identity it is asked
    /// as if that one were its own.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn healthcheck(&self, other: Option<&Identity>) -> Result<bool> {
        let mut environment = self.environment.clone();
        if let Some(other) = other {
            environment.extend(other.served());
        }
        let output = run(&self.program, &environment, &["healthcheck"], "")?;
        Ok(output.status.success())
    }

    /// Everything it printed.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn printed(&self) -> Result<String> {
        self.process.printed()
    }

    /// Starts it again after its end, in the same environment.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn restart(&mut self, scratch: &Scratch) -> Result<()> {
        self.process = Process::spawn(
            &self.name,
            command(&self.program, &self.environment, &["serve"]),
            scratch,
        )?;
        Ok(())
    }

    /// What it tells operators.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub async fn detail(&self) -> Result<Value> {
        let token = self.environment.get(OPERATOR_TOKEN);
        let answer = http_client()?
            .get(format!("{}/health/detail", self.url()))
            .bearer_auth(token.context("it has no token")?)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Awaits its readiness.
    ///
    /// # Errors
    /// It ended, or does not become ready.
    pub async fn ready(&mut self) -> Result<()> {
        let url = format!("{}/health/ready", self.url());
        let http = http_client()?;
        let (what, process) = (format!("{} is ready", self.name), &mut self.process);
        let answer = await_until::until(&what, READY_WITHIN, || {
            let (ended, request) = (process.ended(), http.get(&url));
            async move {
                if let Some(status) = ended? {
                    return Ok(Some(Err(status)));
                }
                let response = request.send().await?;
                let status = response.status();
                if status.is_success() {
                    return Ok(Some(Ok(())));
                }
                bail!("{status} {}", response.text().await?)
            }
        })
        .await?;
        match answer {
            Ok(()) => Ok(()),
            Err(status) => bail!("{} ended with {status} instead of serving", self.name),
        }
    }
}

/// Runs a binary to its end.
///
/// # Errors
/// The program cannot be started.
pub fn run(
    program: &Path,
    environment: &Environment,
    arguments: &[&str],
    input: &str,
) -> Result<Output> {
    let mut command = command(program, environment, arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // a program that refuses at once does not read
        let _ = stdin.write_all(input.as_bytes());
    }
    Ok(child.wait_with_output()?)
}

/// `medique-worker admin`, as the owner of the database.
#[derive(Debug, Clone)]
pub struct AdminCommandLine {
    program: PathBuf,
    environment: Environment,
}

impl AdminCommandLine {
    /// The command line with what it needs to know.
    pub fn new(settings: &Settings, nats_url: &str, owner_url: &str, secrets: &Secrets) -> Self {
        let mut environment = common_environment(nats_url, owner_url);
        environment.insert(
            "MEDIQUE_LINK_SECRET".to_owned(),
            secrets.link_secret.clone(),
        );
        environment.insert(
            "MEDIQUE_AUDIT_SIGNING_KEY".to_owned(),
            secrets.audit_signing_key.clone(),
        );
        environment.insert("MEDIQUE_MASTER_KEY".to_owned(), secrets.master_key.clone());
        environment.insert("MEDIQUE_LOG".to_owned(), "warn".to_owned());
        Self {
            program: settings.binary("medique-worker"),
            environment,
        }
    }

    /// The same command line, told one thing more.
    #[must_use]
    pub fn told(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.environment.insert(name.to_owned(), value.to_owned());
        other
    }

    /// Runs a subcommand and gives how it ended.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<Output> {
        let arguments: Vec<&str> = [&["admin"], arguments, &["--json"]].concat();
        run(&self.program, &self.environment, &arguments, input)
    }

    /// Runs a subcommand as a person would, and gives how it ended and what it said.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn spoken(&self, arguments: &[&str]) -> Result<(Option<i32>, String)> {
        let arguments: Vec<&str> = [&["admin"], arguments].concat();
        let output = run(&self.program, &self.environment, &arguments, "")?;
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        Ok((output.status.code(), text.into_owned()))
    }

    /// Runs a subcommand that must succeed and gives its JSON.
    ///
    /// # Errors
    /// It failed, or printed no JSON.
    pub fn json(&self, arguments: &[&str], input: &str) -> Result<Value> {
        let output = self.run(arguments, input)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            bail!("medique-worker admin {arguments:?} failed: {text} {told}");
        }
        serde_json::from_str(&text)
            .with_context(|| format!("medique-worker admin {arguments:?} printed: {text}"))
    }
}

fn command(program: &Path, environment: &Environment, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment).args(arguments);
    // failed expectations of the binaries themselves say where
    command.env("RUST_BACKTRACE", "1");
    command
}
