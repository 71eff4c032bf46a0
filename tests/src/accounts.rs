//! What the owner of an account has: a mailbox, an authenticator.

use crate::await_until;
use crate::client::{Answer, Client, send};
use crate::hospital::Hospital;
use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use std::time::Duration;

/// Longest wait for a mail.
const MAIL_WITHIN: Duration = Duration::from_secs(20);

/// A password that any policy takes and that is nobody's name.
pub const GOOD_PASSWORD: &str = "Umbrella-7 under the gravel";

impl Hospital {
    /// The mails to an address that wait to be sent, oldest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn waiting_mails(&self, email: &str) -> Result<Vec<Value>> {
        let mails = sqlx::query_scalar(
            "SELECT content FROM mail_outbox WHERE recipient = $1 ORDER BY enqueued_at, id",
        )
        .bind(email)
        .fetch_all(&self.database.pool)
        .await?;
        Ok(mails)
    }

    /// Awaits the `number`-th mail of a kind to an address.
    ///
    /// # Errors
    /// It does not come.
    pub async fn mail(&self, email: &str, kind: &str, number: usize) -> Result<Value> {
        let what = format!("mail {number} of kind {kind}");
        await_until::until(&what, MAIL_WITHIN, || async {
            let mails = self.waiting_mails(email).await?.into_iter();
            Ok(mails.filter(|mail| mail["kind"] == kind).nth(number - 1))
        })
        .await
    }

    /// Awaits that every mail which somebody asked for is written or is known to go nowhere.
    ///
    /// # Errors
    /// That does not come to pass.
    pub async fn mail_requests_are_done(&self) -> Result<()> {
        await_until::holds("requested mails are looked up", MAIL_WITHIN, || async {
            Ok(self.count("SELECT count(*) FROM mail_request").await? == 0)
        })
        .await
    }
}

/// The token in a mail's link. It stands behind the fragment sign, on a page of the public address.
///
/// # Errors
/// There is none.
pub fn token(mail: &Value, page: &str) -> Result<String> {
    let url = mail["url"].as_str().context("a mail without a link")?;
    let (before, token) = url.split_once('#').context("a link without a token")?;
    ensure!(before.ends_with(&format!("/{page}")), "a link to {before}");
    Ok(token.to_owned())
}

impl Client {
    /// Sends JSON to a path under `/api/v1` without what commands need.
    ///
    /// # Errors
    /// The server is away.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        let request = self
            .request(method.clone(), &format!("/api/v1{path}"))
            .json(body);
        send(&format!("{method} {path}"), request).await
    }

    /// Tries to sign in.
    ///
    /// # Errors
    /// The server is away.
    pub async fn try_login(&self, email: &str, password: &str) -> Result<Answer> {
        let body = json!({ "email": email, "password": password });
        self.ask(Method::POST, "/auth/login", &body).await
    }

    /// Signs out of everything and in again with what an answer to a sign-in holds.
    ///
    /// # Errors
    /// It is not such an answer.
    pub fn entered(&self, answer: &Answer) -> Result<Self> {
        let token = answer.body["access_token"]
            .as_str()
            .with_context(|| format!("no access_token: {answer}"))?;
        Ok(self.with_token(token))
    }
}

/// An authenticator that holds one secret.
#[derive(Debug, Clone)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Takes the secret in Base32.
    ///
    /// # Errors
    /// It is none.
    pub fn new(secret: &str) -> Result<Self> {
        let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
        for letter in secret.chars() {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                .find(letter)
                .with_context(|| format!("{letter} is not Base32"))?;
            bits = bits << 5 | u32::try_from(value)?;
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 0xff)?);
            }
        }
        ensure!(bytes.len() >= 16, "a secret of {} bytes", bytes.len());
        Ok(Self(bytes))
    }

    /// The code, so many steps of 30 seconds from now.
    ///
    /// # Errors
    /// HMAC refuses the secret.
    pub fn code(&self, steps: i64) -> Result<String> {
        let step = medique_platform::clock::now().timestamp() / 30 + steps;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0)?;
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes(digest[at..at + 4].try_into()?) & 0x7fff_ffff;
        Ok(format!("{:06}", number % 1_000_000))
    }
}
