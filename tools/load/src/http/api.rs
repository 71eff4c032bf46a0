//! Sends a command and stays with it until it is known what became of it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::session::{ANSWER_LIMIT, Session};

/// How long one command is pursued, over all repetitions.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause before repeating what the API could not take, when it does not say.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest pause that the API can ask for.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// It took effect; what the API said about it.
    Applied(Value),
    /// It was accepted, and then refused by a rule with this code.
    Rejected(String),
    /// It was not accepted: code, or status where there is none.
    Refused(String),
    /// Accepted and parked, never decided, or no answer at all.
    Unknown(String),
}

/// A command's way through the API.
#[derive(Debug)]
pub(crate) struct Submitted {
    pub(crate) fate: Fate,
    /// Answers "not now" (429, 503) before the last one.
    pub(crate) put_off: u32,
}

/// Posts a command, repeats it under one key while the API cannot take it, and waits for its outcome.
pub(crate) async fn submit(session: &Session, path: &str, body: &Value) -> Submitted {
    let key = Uuid::new_v4().to_string();
    let deadline = Instant::now() + PATIENCE;
    let mut put_off = 0;
    loop {
        let (why, pause) = match post(session, path, body, &key).await {
            Ok(answer) if is_not_now(answer.status()) => {
                put_off += 1;
                let pause = retry_after(&answer);
                (refusal(answer).await, pause)
            }
            Ok(answer)
                if answer.status() == StatusCode::UNAUTHORIZED && Instant::now() < deadline =>
            {
                session.forget();
                ("unauthorized".to_owned(), PAUSE)
            }
            Ok(answer) => {
                return Submitted {
                    fate: fate(session, answer, deadline).await,
                    put_off,
                };
            }
            Err(error) => (format!("{error:#}"), PAUSE),
        };
        if Instant::now() + pause > deadline {
            return Submitted {
                fate: Fate::Unknown(why),
                put_off,
            };
        }
        tokio::time::sleep(pause).await;
    }
}

/// Posts a command that must take effect, such as creating a department, and gives its result.
pub(crate) async fn must_apply(session: &Session, path: &str, body: &Value) -> Result<Value> {
    match submit(session, path, body).await.fate {
        Fate::Applied(answer) => Ok(answer),
        other => bail!("{path}: {other:?}"),
    }
}

/// Reads something.
pub(crate) async fn get(session: &Session, path: &str) -> Result<Value> {
    let request = session
        .client()
        .get(session.url(path))
        .timeout(ANSWER_LIMIT);
    let answer = request
        .header("Authorization", session.authorization().await?)
        .send()
        .await?;
    Ok(answer.error_for_status()?.json().await?)
}

async fn post(session: &Session, path: &str, body: &Value, key: &str) -> Result<Response> {
    let request = session
        .client()
        .post(session.url(path))
        .header("Authorization", session.authorization().await?)
        .header("Idempotency-Key", key)
        .header("Prefer", "wait=10")
        .timeout(ANSWER_LIMIT)
        .json(body);
    request.send().await.context("no answer from the API")
}

/// Reads an answer; one that says only "accepted" is followed up until the deadline.
async fn fate(session: &Session, answer: Response, deadline: Instant) -> Fate {
    let status = answer.status();
    let was_decided = answer.headers().contains_key("Preference-Applied");
    if status == StatusCode::ACCEPTED {
        let accepted = answer.json::<Value>().await.unwrap_or_default();
        return match accepted["status_url"].as_str() {
            Some(url) => follow_up(session, url, deadline).await,
            None => Fate::Unknown("accepted without a status_url".to_owned()),
        };
    }
    if status.is_success() {
        return match answer.json::<Value>().await {
            Ok(answer) => Fate::Applied(answer),
            Err(_) => Fate::Unknown("an answer that is not JSON".to_owned()),
        };
    }
    let code = refusal(answer).await;
    if was_decided {
        Fate::Rejected(code)
    } else {
        Fate::Refused(code)
    }
}

async fn follow_up(session: &Session, status_url: &str, deadline: Instant) -> Fate {
    let path = status_url
        .split_once("/api/v1")
        .map_or(status_url, |(_, path)| path);
    while Instant::now() < deadline {
        if let Ok(answer) = get(session, path).await {
            match answer["status"].as_str() {
                Some("applied") => return Fate::Applied(answer),
                Some("rejected") => return Fate::Rejected(text(&answer["problem"]["code"])),
                Some("dead_lettered") => return Fate::Unknown("dead_lettered".to_owned()),
                _ => {}
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Fate::Unknown("accepted, not decided".to_owned())
}

fn is_not_now(status: StatusCode) -> bool {
    status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS
}

fn retry_after(answer: &Response) -> Duration {
    let header = answer
        .headers()
        .get("Retry-After")
        .and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.parse().ok());
    seconds.map_or(PAUSE, Duration::from_secs).min(PAUSE_MAX)
}

/// The code of a problem, or the status of an answer without one.
async fn refusal(answer: Response) -> String {
    let status = answer.status().as_u16();
    let problem = answer.json::<Value>().await.unwrap_or_default();
    problem["code"]
        .as_str()
        .map_or_else(|| format!("status {status}"), str::to_owned)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("no code").to_owned()
}
