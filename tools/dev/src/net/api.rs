//! The HTTP API of MediQue, as somebody who signed in.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::http::Client;
use crate::host::key;
use crate::term::interrupt;

/// How long a command may stay undecided.
const DECISION_LIMIT: Duration = Duration::from_secs(60);

/// A session.
#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
    base: String,
    authorization: String,
}

impl Api {
    pub(crate) fn sign_in(api_url: &str, email: &str, password: &str) -> Result<Self> {
        let client = Client::new(Duration::from_secs(30));
        let base = format!("{api_url}/api/v1");
        let login = json!({ "email": email, "password": password });
        let answer = client
            .post(&format!("{base}/auth/login"), &[], &login)?
            .json("signing in")?;
        let token = answer.get("access_token").and_then(Value::as_str);
        let token = token.context("the login answer has no access token")?;
        Ok(Self {
            client,
            base,
            authorization: format!("Bearer {token}"),
        })
    }

    /// Value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    /// Posts a command until it is decided. Repeating is safe: every try carries the same key.
    pub(crate) fn command(&self, path: &str, body: &Value, what: &str) -> Result<()> {
        let idempotency_key = key::hex::<16>()?;
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Idempotency-Key", idempotency_key.as_str()),
            ("Prefer", "wait=10"),
        ];
        let url = format!("{}{path}", self.base);
        interrupt::wait_until(&format!("{what}: not decided"), DECISION_LIMIT, || {
            let answer = self.client.post(&url, &headers, body)?;
            // accepted but not decided yet, or a dependency is away for the moment
            let is_pending = matches!(answer.status, 202 | 503);
            if is_pending {
                Ok(false)
            } else {
                answer.json(what).map(|_| true)
            }
        })
    }
}
