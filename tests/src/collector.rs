//! Where telemetry goes in tests: a sink of ours that keeps everything in files and misbehaves when
//! told to, and in front of it rotel, a collector that is not ours.

use crate::await_until;
use crate::client::http_client;
use crate::ports::Port;
use crate::process::Process;
use crate::scratch::Scratch;
use crate::settings::Settings;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// A span as the sink wrote it down.
#[derive(Debug, Clone, Deserialize)]
pub struct SeenSpan {
    /// Its trace.
    pub trace_id: String,
    /// It itself.
    pub span_id: String,
    /// What it hangs on.
    pub parent_id: Option<String>,
    /// What was done.
    pub name: String,
    /// What it is to its neighbours.
    pub kind: String,
    /// When it began, microseconds since 1970.
    pub start_us: i64,
    /// When it ended.
    pub end_us: i64,
    /// Who did it.
    pub service: String,
    /// Which replica.
    pub instance: String,
    /// What is said about it.
    pub attributes: Map<String, Value>,
    /// Spans of other traces that it has to do with.
    pub links: Vec<SeenLink>,
    /// Whether it failed.
    pub failed: bool,
}

/// A link of a span.
#[derive(Debug, Clone, Deserialize)]
pub struct SeenLink {
    /// To which trace.
    pub trace_id: String,
    /// To which span of it.
    pub span_id: String,
}

/// A running sink.
#[derive(Debug)]
pub struct Sink {
    program: PathBuf,
    dir: PathBuf,
    port: Port,
    process: Process,
}

impl Sink {
    /// Starts one and awaits that it answers.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(settings: &Settings, scratch: &Scratch) -> Result<Self> {
        let program = settings.binary("medique-otlp-sink");
        let (port, dir) = (Port::take()?, scratch.join("telemetry"));
        let process = spawn(&program, &port, &dir, scratch)?;
        let sink = Self {
            program,
            dir,
            port,
            process,
        };
        sink.ready().await?;
        Ok(sink)
    }

    /// Base address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    /// Where errors are reported.
    pub fn dsn(&self) -> String {
        format!("http://0123456789abcdef@127.0.0.1:{}/7", self.port.number())
    }

    /// Tells it how to behave: `well`, `hang` or `refuse`.
    ///
    /// # Errors
    /// It does not know that behaviour.
    pub async fn behave(&self, behaviour: &'static str) -> Result<()> {
        let url = format!("{}/behaviour", self.url());
        let answer = http_client()?.put(url).body(behaviour).send().await?;
        ensure!(answer.status() == 204, "{behaviour}: {answer:?}");
        Ok(())
    }

    /// Ends it; what it kept stays.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill9(&mut self) -> Result<()> {
        self.process.kill9()
    }

    /// Starts it again on the same port.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn restart(&mut self, scratch: &Scratch) -> Result<()> {
        self.process = spawn(&self.program, &self.port, &self.dir, scratch)?;
        self.ready().await
    }

    /// All spans so far.
    ///
    /// # Errors
    /// A line cannot be read.
    pub fn spans(&self) -> Result<Vec<SeenSpan>> {
        let lines = self.lines("spans.jsonl")?;
        lines
            .into_iter()
            .map(|line| serde_json::from_value(line).context("a span"))
            .collect()
    }

    /// All objects of one of its files so far.
    ///
    /// # Errors
    /// A line cannot be read.
    pub fn lines(&self, file: &str) -> Result<Vec<Value>> {
        let text = self.text(file)?;
        // what stands behind the last line end may be half a line
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
            .collect()
    }

    /// One of its files; empty when there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn text(&self, file: &str) -> Result<String> {
        let path = self.dir.join(file);
        if !path.exists() {
            return Ok(String::new());
        }
        Ok(std::fs::read_to_string(path)?)
    }

    async fn ready(&self) -> Result<()> {
        answers("the sink answers", &format!("{}/ready", self.url())).await
    }
}

fn spawn(program: &PathBuf, port: &Port, dir: &PathBuf, scratch: &Scratch) -> Result<Process> {
    let mut command = Command::new(program);
    command.args(["--port", &port.number().to_string()]);
    command.arg("--dir").arg(dir);
    Process::spawn("otlp-sink", command, scratch)
}

async fn answers(what: &str, url: &str) -> Result<()> {
    let http = http_client()?;
    await_until::holds(what, SOON, || {
        let asking = http.get(url).send();
        async move { Ok(asking.await.is_ok()) }
    })
    .await
}

/// A running collector, in front of a sink.
#[derive(Debug)]
pub struct Rotel {
    http: Port,
    _grpc: Port,
    _process: Process,
}

impl Rotel {
    /// Starts one that passes everything on to the sink; none where it does not run, which is said.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(
        settings: &Settings,
        scratch: &Scratch,
        sink: &Sink,
    ) -> Result<Option<Self>> {
        let Some(program) = &settings.rotel else {
            eprintln!("SKIPPED: rotel does not run here");
            return Ok(None);
        };
        let (http, grpc) = (Port::take()?, Port::take()?);
        let here = |port: &Port| format!("127.0.0.1:{}", port.number());
        let mut command = Command::new(program);
        command
            .arg("start")
            .args(["--otlp-http-endpoint", &here(&http)])
            .args(["--otlp-grpc-endpoint", &here(&grpc)])
            .args(["--exporter", "otlp", "--otlp-exporter-protocol", "http"])
            .args(["--otlp-exporter-endpoint", &sink.url()])
            .arg("--pid-file")
            .arg(scratch.join("rotel.pid"));
        let process = Process::spawn("rotel", command, scratch)?;
        let rotel = Self {
            http,
            _grpc: grpc,
            _process: process,
        };
        answers("rotel answers", &rotel.url()).await?;
        Ok(Some(rotel))
    }

    /// Base address for OTLP over HTTP.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http.number())
    }
}
