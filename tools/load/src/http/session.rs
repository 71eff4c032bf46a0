//! A signed-in member of staff, whose token is renewed before it runs out.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;

use crate::stack::state::User;

/// Age at which a token is renewed: well before the ten minutes that the API grants by default.
const RENEW_AFTER: Duration = Duration::from_secs(240);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for any answer but a live stream.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A client for everything but load. Live streams stay open, so only connecting is bounded in time.
pub(crate) fn client() -> Result<Client> {
    let client = Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .no_proxy()
        .build();
    client.context("cannot make an HTTP client")
}

/// One login.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    base: String,
    user: User,
    token: Mutex<Option<Token>>,
}

#[derive(Debug, Clone)]
struct Token {
    bearer: String,
    since: Instant,
}

#[derive(Deserialize)]
struct LoginAnswer {
    access_token: String,
}

impl Session {
    /// `base` ends in `/api/v1`.
    pub(crate) fn new(client: Client, base: &str, user: &User) -> Self {
        Self {
            client,
            base: base.to_owned(),
            user: user.clone(),
            token: Mutex::new(None),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Id of the account.
    pub(crate) fn staff_id(&self) -> &str {
        &self.user.staff_id
    }

    /// The full address of a path under the API's base.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The value of an `Authorization` header that is good for minutes to come.
    pub(crate) async fn authorization(&self) -> Result<String> {
        let known = self.token.lock().ok().and_then(|token| token.clone());
        if let Some(token) = known.filter(|token| token.since.elapsed() < RENEW_AFTER) {
            return Ok(token.bearer);
        }
        let token = Token {
            bearer: self.sign_in().await?,
            since: Instant::now(),
        };
        if let Ok(mut kept) = self.token.lock() {
            *kept = Some(token.clone());
        }
        Ok(token.bearer)
    }

    /// Forgets a token that the API did not accept.
    pub(crate) fn forget(&self) {
        if let Ok(mut kept) = self.token.lock() {
            *kept = None;
        }
    }

    async fn sign_in(&self) -> Result<String> {
        let login = json!({ "email": self.user.email, "password": self.user.password });
        let answer = self
            .client
            .post(self.url("/auth/login"))
            .json(&login)
            .timeout(ANSWER_LIMIT)
            .send()
            .await;
        let answer = answer.context("cannot reach the API to sign in")?;
        if !answer.status().is_success() {
            bail!(
                "{} cannot sign in: status {}",
                self.user.email,
                answer.status().as_u16()
            );
        }
        let answer: LoginAnswer = answer
            .json()
            .await
            .context("unexpected answer to a login")?;
        Ok(format!("Bearer {}", answer.access_token))
    }
}
