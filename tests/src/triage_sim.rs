//! The stand-in for an adviser as a child process.

use crate::await_until;
use crate::client::http_client;
use crate::ports::Port;
use crate::process::Process;
use crate::processes::Environment;
use crate::scratch::Scratch;
use crate::settings::Settings;
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// A request as the service got it.
#[derive(Debug, Clone, Deserialize)]
pub struct SeenRequest {
    /// From 1, in the order of arrival.
    pub number: u64,
    /// Path.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// As it came.
    pub body: String,
}

impl SeenRequest {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What the service counted since its start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct SimStats {
    /// Questions that came.
    pub received: u64,
    /// Questions answered to the end.
    pub answered: u64,
    /// Questions whose client left before.
    pub abandoned: u64,
    /// Questions that wait now.
    pub open: u64,
    /// Most that ever waited at a time.
    pub open_max: u64,
}

/// A running service.
#[derive(Debug)]
pub struct TriageSim {
    port: Port,
    process: Process,
}

impl TriageSim {
    /// Starts one and awaits that it answers.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(settings: &Settings, scratch: &Scratch) -> Result<Self> {
        let port = Port::take()?;
        let mut command = Command::new(settings.binary("medique-triage-sim"));
        command.args(["--port", &port.number().to_string()]);
        let process = Process::spawn("triage-sim", command, scratch)?;
        let sim = Self { port, process };
        await_until::holds("the triage stand-in answers", SOON, || async {
            Ok(sim.stats().await.is_ok())
        })
        .await?;
        Ok(sim)
    }

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    /// What workers and apis are told to use it.
    pub fn environment(&self) -> Environment {
        [
            ("MEDIQUE_AI_URL", self.url()),
            ("MEDIQUE_AI_MODEL", "stand-in".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Ends it: an outage of the provider.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill9(&mut self) -> Result<()> {
        self.process.kill9()
    }

    /// Tells it how to behave, as `tools/triage-sim/src/behaviour.rs` says.
    ///
    /// # Errors
    /// It does not know that behaviour.
    pub async fn behave(&self, behaviour: Value) -> Result<()> {
        let url = format!("{}/behaviour", self.url());
        let response = http_client()?.put(url).json(&behaviour).send().await?;
        ensure!(response.status() == 200, "{behaviour}: {response:?}");
        Ok(())
    }

    /// Lets this go wrong from now on.
    ///
    /// # Errors
    /// As [`TriageSim::behave`].
    pub async fn fault(&self, fault: Value) -> Result<()> {
        self.behave(json!({ "fault": fault })).await
    }

    /// Everything it remembers, in order.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn requests(&self) -> Result<Vec<SeenRequest>> {
        self.get("/requests").await
    }

    /// What it counted.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn stats(&self) -> Result<SimStats> {
        self.get("/stats").await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = format!("{}{path}", self.url());
        let response = http_client()?.get(url).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }
}
