//! The mail sink as a child process.

use crate::await_until;
use crate::client::http_client;
use crate::ports::Port;
use crate::process::Process;
use crate::processes::Environment;
use crate::scratch::Scratch;
use crate::settings::Settings;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// A mail as the sink caught it.
#[derive(Debug, Clone, Deserialize)]
pub struct CaughtMail {
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// `Message-ID`, without its brackets.
    pub message_id: String,
    /// Plain text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// As it came.
    pub raw: String,
}

impl CaughtMail {
    /// The first address of the web in the text.
    ///
    /// # Errors
    /// There is none.
    pub fn link(&self) -> Result<&str> {
        self.text
            .split_whitespace()
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
            .with_context(|| format!("no link in {self:?}"))
    }
}

/// A running sink.
#[derive(Debug)]
pub struct MailSink {
    program: PathBuf,
    smtp: Port,
    http: Port,
    process: Process,
}

impl MailSink {
    /// Starts one and awaits that it answers.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(settings: &Settings, scratch: &Scratch) -> Result<Self> {
        let program = settings.binary("medique-mail-sink");
        let (smtp, http) = (Port::take()?, Port::take()?);
        let process = spawn(&program, &smtp, &http, scratch)?;
        let sink = Self {
            program,
            smtp,
            http,
            process,
        };
        sink.ready().await?;
        Ok(sink)
    }

    /// What workers are told to use it.
    pub fn environment(&self) -> Environment {
        let url = format!("smtp://127.0.0.1:{}", self.smtp.number());
        let from = "MediQue <no-reply@medique.example>".to_owned();
        [("MEDIQUE_SMTP_URL", url), ("MEDIQUE_MAIL_FROM", from)]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }

    /// Where it speaks SMTP.
    pub fn smtp(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.smtp.number()))
    }

    /// Ends it: an outage of the provider. What it caught is gone.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill9(&mut self) -> Result<()> {
        self.process.kill9()
    }

    /// Starts it again on the same ports.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn restart(&mut self, scratch: &Scratch) -> Result<()> {
        self.process = spawn(&self.program, &self.smtp, &self.http, scratch)?;
        self.ready().await
    }

    /// Tells it how to behave: `{"at":"rcpt","fault":{"refuse":550}}`, or null for well.
    ///
    /// # Errors
    /// It does not know that behaviour.
    pub async fn behave(&self, behaviour: Value) -> Result<()> {
        let request = http_client()?.put(self.url("/behaviour")).json(&behaviour);
        let response = request.send().await?;
        ensure!(response.status() == 204, "{behaviour}: {response:?}");
        Ok(())
    }

    /// Everything it caught, in order.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn mails(&self) -> Result<Vec<CaughtMail>> {
        let response = http_client()?.get(self.url("/mails")).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }

    /// What it caught for one address.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn mails_to(&self, address: &str) -> Result<Vec<CaughtMail>> {
        let mails = self.mails().await?;
        let of_address = mails
            .into_iter()
            .filter(|mail| mail.to.iter().any(|to| to == address));
        Ok(of_address.collect())
    }

    /// Awaits the first mail to an address.
    ///
    /// # Errors
    /// None comes.
    pub async fn mail_to(&self, address: &str) -> Result<CaughtMail> {
        await_until::until("a mail arrives", SOON, || async {
            Ok(self.mails_to(address).await?.into_iter().next())
        })
        .await
    }

    async fn ready(&self) -> Result<()> {
        await_until::holds("the mail sink answers", SOON, || async {
            Ok(self.mails().await.is_ok())
        })
        .await
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http.number())
    }
}

fn spawn(program: &PathBuf, smtp: &Port, http: &Port, scratch: &Scratch) -> Result<Process> {
    let mut command = Command::new(program);
    command.args(["--smtp-port", &smtp.number().to_string()]);
    command.args(["--http-port", &http.number().to_string()]);
    Process::spawn("mail-sink", command, scratch)
}
