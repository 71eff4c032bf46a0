//! The few HTTP requests that the launcher makes, all to this machine.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;

/// A client that reports every status as an answer and never waits forever.
#[derive(Debug, Clone)]
pub(crate) struct Client(Agent);

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self(config.into())
    }

    /// Whether a GET answers 2xx; not being reachable is a plain no.
    pub(crate) fn is_ok(&self, url: &str) -> bool {
        self.get(url).is_ok_and(|answer| answer.is_success())
    }

    pub(crate) fn get(&self, url: &str) -> Result<Answer> {
        let response = self
            .0
            .get(url)
            .call()
            .with_context(|| format!("GET {url}"))?;
        Answer::read(response)
    }

    pub(crate) fn post(&self, url: &str, headers: &[(&str, &str)], body: &Value) -> Result<Answer> {
        let mut request = self.0.post(url).header("Content-Type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request
            .send(body.to_string())
            .with_context(|| format!("POST {url}"))?;
        Answer::read(response)
    }
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The JSON of a successful answer; otherwise an error that quotes what came.
    pub(crate) fn json(&self, what: &str) -> Result<Value> {
        if !self.is_success() {
            bail!(
                "{what}: the api answered {} {}",
                self.status,
                self.body.trim()
            );
        }
        serde_json::from_str(&self.body)
            .with_context(|| format!("{what}: the api's answer is not JSON"))
    }

    fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Self> {
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .read_to_string()
            .context("cannot read an answer")?;
        Ok(Self { status, body })
    }
}
