//! What a program or a browser does about sessions.

use crate::client::{Answer, Client, send};
use crate::hospital::Person;
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The cookie that holds the refresh token.
pub const REFRESH_COOKIE: &str = "__Host-medique-refresh";
/// The cookie that scripts may read.
pub const CSRF_COOKIE: &str = "__Host-medique-csrf";

/// A session as a program holds it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The session.
    pub id: Uuid,
    /// Somebody with its access token.
    pub client: Client,
    /// Good for one exchange.
    pub refresh_token: String,
}

impl Session {
    /// Reads what an answer gives.
    ///
    /// # Errors
    /// It is no session.
    pub fn of(client: &Client, answer: &Answer) -> Result<Self> {
        let text = |name: &str| {
            let value = answer.body[name].as_str();
            value
                .map(str::to_owned)
                .with_context(|| format!("no {name}: {answer}"))
        };
        Ok(Self {
            id: answer.id("/session_id")?,
            client: client.with_token(text("access_token")?),
            refresh_token: text("refresh_token")?,
        })
    }
}

/// Signs in; `more` joins the body.
///
/// # Errors
/// The server is away.
pub async fn sign_in(client: &Client, person: &Person, more: &Value) -> Result<Answer> {
    let mut body = json!({ "email": person.email, "password": person.password });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    send("login", request).await
}

/// Opens a session of a program.
///
/// # Errors
/// It is refused.
pub async fn open(client: &Client, person: &Person) -> Result<Session> {
    let answer = sign_in(client, person, &json!({})).await?.expect(200)?;
    Session::of(client, &answer)
}

/// Exchanges a refresh token, under a key or none.
///
/// # Errors
/// The server is away.
pub async fn refresh(client: &Client, token: &str, key: Option<&str>) -> Result<Answer> {
    let mut request = client
        .request(Method::POST, "/api/v1/auth/refresh")
        .json(&json!({ "refresh_token": token }));
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    send("refresh", request).await
}

/// Exchanges a refresh token for a screen that nobody has used for so many seconds.
///
/// # Errors
/// The server is away.
pub async fn refresh_unused(client: &Client, token: &str, idle_s: u32) -> Result<Answer> {
    let request = client
        .request(Method::POST, "/api/v1/auth/refresh")
        .json(&json!({ "refresh_token": token, "idle_s": idle_s }));
    send("refresh", request).await
}

/// A request without a body.
///
/// # Errors
/// The server is away.
pub async fn ask(client: &Client, method: Method, path: &str) -> Result<Answer> {
    let name = format!("{method} {path}");
    let request = client.request(method, &format!("/api/v1{path}"));
    send(&name, request).await
}

/// A browser: keeps cookies, and says where its page comes from.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    /// What it keeps.
    pub cookies: BTreeMap<String, String>,
    /// `Origin` of the page.
    pub origin: Option<String>,
    /// What the page puts into `X-CSRF-Token`.
    pub csrf_token: Option<String>,
}

impl Browser {
    /// On a page of the server itself.
    pub fn at(client: &Client) -> Self {
        Self {
            client: client.clone(),
            cookies: BTreeMap::new(),
            origin: Some(client.base().to_owned()),
            csrf_token: None,
        }
    }

    /// Signs in and keeps the cookies.
    ///
    /// # Errors
    /// It is refused.
    pub async fn sign_in(&mut self, person: &Person) -> Result<Answer> {
        let more = json!({ "transport": "cookie" });
        let answer = sign_in(&self.client, person, &more).await?.expect(200)?;
        self.keep(&answer);
        Ok(answer)
    }

    /// Posts to a path under `/api/v1/auth`.
    ///
    /// # Errors
    /// The server is away.
    pub async fn post(&mut self, what: &str) -> Result<Answer> {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self
            .client
            .request(Method::POST, &format!("/api/v1/auth/{what}"))
            .header("Cookie", cookies.join("; "));
        if let Some(origin) = &self.origin {
            request = request.header("Origin", origin);
        }
        if let Some(token) = &self.csrf_token {
            request = request.header("X-CSRF-Token", token);
        }
        let answer = send(what, request).await?;
        self.keep(&answer);
        Ok(answer)
    }

    fn keep(&mut self, answer: &Answer) {
        for header in answer.headers.get_all("set-cookie") {
            let pair = header.to_str().ok().and_then(|text| text.split(';').next());
            let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.csrf_token = self.cookies.get(CSRF_COOKIE).cloned();
    }
}
