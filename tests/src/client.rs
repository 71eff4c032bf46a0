//! What a browser or phone does over HTTP.

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// Longer than any answer may take (a publish has 5 s in all, a preference up to 30 s).
const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);
/// How long [`Posting::outcome`] lets the server wait for the worker.
const OUTCOME_WAIT_S: u32 = 20;

/// Somebody who talks to one api replica.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for messages.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
    /// Body as JSON; null when it is not JSON.
    pub body: Value,
}

impl Client {
    /// Somebody without a credential.
    ///
    /// # Errors
    /// The HTTP library does not start.
    pub fn anonymous(base: &str) -> Result<Self> {
        Ok(Self {
            http: http_client()?,
            base: base.to_owned(),
            token: None,
        })
    }

    /// The same network, with this bearer token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// The same person, talking to another replica.
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The bearer token.
    ///
    /// # Errors
    /// There is none.
    pub fn token(&self) -> Result<&str> {
        self.token.as_deref().context("this client has no token")
    }

    /// Base URL of the replica.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Signs in with a password and gives a client with the access token.
    ///
    /// # Errors
    /// The sign-in is refused.
    pub async fn login(&self, email: &str, password: &str) -> Result<Self> {
        let body = json!({"email": email, "password": password});
        let request = self.request(Method::POST, "/api/v1/auth/login").json(&body);
        let answer = send("POST /api/v1/auth/login", request)
            .await?
            .expect(200)?;
        let token = answer.body["access_token"]
            .as_str()
            .context("no access_token in the answer to login")?;
        Ok(self.with_token(token))
    }

    /// Starts a POST under `/api/v1`, with a fresh idempotency key.
    pub fn post(&self, path: &str, body: &Value) -> Posting {
        self.command(Method::POST, path, body)
    }

    /// Starts a PUT under `/api/v1`, with a fresh idempotency key.
    pub fn put(&self, path: &str, body: &Value) -> Posting {
        self.command(Method::PUT, path, body)
    }

    /// Gets a path under `/api/v1`.
    ///
    /// # Errors
    /// The server is away.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.get_root(&format!("/api/v1{path}")).await
    }

    /// Gets a path from the root.
    ///
    /// # Errors
    /// The server is away.
    pub async fn get_root(&self, path: &str) -> Result<Answer> {
        send(&format!("GET {path}"), self.request(Method::GET, path)).await
    }

    /// A request with the credential, to be filled by the caller.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn command(&self, method: Method, path: &str, body: &Value) -> Posting {
        let path = format!("/api/v1{path}");
        Posting {
            name: format!("{method} {path}"),
            request: self.request(method, &path).json(body),
            key: Uuid::new_v4().to_string(),
            wait_s: None,
        }
    }
}

/// A command on its way.
#[derive(Debug)]
#[must_use = "nothing is sent before `send`, `outcome` or `accepted`"]
pub struct Posting {
    name: String,
    request: RequestBuilder,
    key: String,
    wait_s: Option<u32>,
}

impl Posting {
    /// With this idempotency key.
    pub fn key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// With a header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With `Prefer: wait=N`.
    pub fn wait(mut self, seconds: u32) -> Self {
        self.wait_s = Some(seconds);
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// The server is away.
    pub async fn send(self) -> Result<Answer> {
        let mut request = self.request.header("Idempotency-Key", &self.key);
        if let Some(seconds) = self.wait_s {
            request = request.header("Prefer", format!("wait={seconds}"));
        }
        send(&self.name, request).await
    }

    /// Sends it and awaits what becomes of it: 200, 201 or a problem.
    ///
    /// # Errors
    /// The server is away, or nothing was decided in time.
    pub async fn outcome(self) -> Result<Answer> {
        let answer = self.wait(OUTCOME_WAIT_S).send().await?;
        ensure!(
            answer.status != 202,
            "nothing was decided within {OUTCOME_WAIT_S} s: {answer}"
        );
        Ok(answer)
    }

    /// Sends it and requires that it is applied; gives the outcome.
    ///
    /// # Errors
    /// It was refused, or the server is away.
    pub async fn applied(self) -> Result<Answer> {
        let answer = self.outcome().await?;
        ensure!(matches!(answer.status, 200 | 201), "not applied: {answer}");
        Ok(answer)
    }

    /// Sends it and requires that it is accepted (202).
    ///
    /// # Errors
    /// It was not, or the server is away.
    pub async fn accepted(self) -> Result<Answer> {
        self.send().await?.expect(202)
    }

    /// Sends it, awaits the outcome and requires a refusal with this status and code.
    ///
    /// # Errors
    /// Anything else happened.
    pub async fn refused(self, status: u16, code: &str) -> Result<Answer> {
        self.outcome().await?.problem(status, code)
    }
}

impl Answer {
    /// Requires a status.
    ///
    /// # Errors
    /// Another one came.
    pub fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "expected {status}: {self}");
        Ok(self)
    }

    /// Requires a whole problem document with this status and code (RFC 9457).
    ///
    /// # Errors
    /// Anything else came.
    pub fn problem(self, status: u16, code: &str) -> Result<Self> {
        self.is_problem()?;
        ensure!(
            self.status == status && self.code() == Some(code),
            "expected {status} {code}: {self}"
        );
        Ok(self)
    }

    /// Requires that an error is a well-formed problem document.
    ///
    /// # Errors
    /// It is not.
    pub fn is_problem(&self) -> Result<()> {
        let content_type = self.header("content-type").unwrap_or_default();
        ensure!(
            content_type.starts_with("application/problem+json"),
            "not a problem document: {self}"
        );
        for member in ["type", "title", "detail", "code", "trace_id"] {
            ensure!(
                self.body[member].is_string(),
                "a problem without {member}: {self}"
            );
        }
        ensure!(
            self.body["status"] == self.status,
            "a problem with another status inside: {self}"
        );
        let expected = format!("/problems/{}", self.code().unwrap_or_default());
        let type_uri = self.body["type"].as_str().unwrap_or_default();
        ensure!(
            type_uri.ends_with(&expected),
            "a problem whose type is not its code: {self}"
        );
        Ok(())
    }

    /// Code of the problem.
    pub fn code(&self) -> Option<&str> {
        self.body["code"].as_str()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A member of the body that is a UUID.
    ///
    /// # Errors
    /// There is none.
    pub fn id(&self, pointer: &str) -> Result<Uuid> {
        let text = self.body.pointer(pointer).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok())
            .with_context(|| format!("no id at {pointer}: {self}"))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {} {}", self.request, self.status, self.text)
    }
}

/// An HTTP client of this machine's servers.
///
/// # Errors
/// The HTTP library does not start.
pub fn http_client() -> Result<reqwest::Client> {
    Ok(builder().build()?)
}

/// One that believes these authorities only.
///
/// # Errors
/// The HTTP library does not start.
pub fn trusting(
    authorities: impl IntoIterator<Item = reqwest::Certificate>,
) -> Result<reqwest::Client> {
    Ok(builder().tls_certs_only(authorities).build()?)
}

/// What every client of a test begins with.
pub fn builder() -> reqwest::ClientBuilder {
    medique_platform::telemetry::install_crypto_provider();
    reqwest::Client::builder()
        .timeout(REQUEST_TIMEOUT)
        .no_proxy()
}

/// Sends a request and reads the answer to its end.
///
/// # Errors
/// The server is away or breaks off.
pub async fn send(name: &str, request: RequestBuilder) -> Result<Answer> {
    let response = request.send().await.with_context(|| name.to_owned())?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response
        .bytes()
        .await
        .with_context(|| format!("body of {name}"))?;
    let Ok(text) = String::from_utf8(bytes.to_vec()) else {
        bail!("{name} answered {status} with a body that is not UTF-8")
    };
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer {
        request: name.to_owned(),
        status,
        headers,
        text,
        body,
    })
}
