//! Talks to the server, in steps of which each tells what its failure means.

use super::config::{MailConfig, Security};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use secrecy::ExposeSecret as _;
use std::error::Error as _;
use std::time::Duration;
use tokio::time::timeout;

/// For everything before the mail itself.
const COMMANDS_WITHIN: Duration = Duration::from_secs(30);
/// For the answer to the mail. Servers look through mails before they answer, and giving up early
/// makes a second copy.
const ANSWER_WITHIN: Duration = Duration::from_secs(180);

/// Why a server does not take a mail. The texts of servers are not repeated: they quote addresses.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// No server, or none that works with us: no mail's fault.
    #[error("{0}")]
    Away(String),
    /// Not now (4xx).
    #[error("the server said later: {0}")]
    Later(String),
    /// Not this mail, ever (5xx).
    #[error("the server refused it: {0}")]
    Never(String),
    /// It had the whole mail and said: not now.
    #[error("the server gave it back: {0}")]
    GivenBack(String),
    /// The whole mail went out, and no answer came back.
    #[error("no answer to the mail: {0}")]
    Unknown(String),
}

impl Refusal {
    /// Whether trying again is of no use.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::Never(_))
    }
}

/// An open connection.
pub(super) struct Session(AsyncSmtpConnection);

impl Session {
    /// Connects, protects and authenticates.
    pub(super) async fn open(config: &MailConfig) -> Result<Self, Refusal> {
        match timeout(COMMANDS_WITHIN, connect(config)).await {
            Ok(Ok(connection)) => Ok(Self(connection)),
            // A refused greeting or password is no mail's fault, whatever its code.
            Ok(Err(error)) if error.status().is_some() => Err(Refusal::Away(words(&error))),
            // no mail was spoken of yet: this can be repeated whole, such as why TLS failed
            Ok(Err(error)) => Err(Refusal::Away(error.to_string())),
            Err(_) => Err(Refusal::Away("timed out".to_owned())),
        }
    }

    /// Announces a mail, up to where the server waits for it. After a failure the session is over.
    pub(super) async fn announce(&mut self, from: &Address, to: &Address) -> Result<(), Refusal> {
        let connection = &mut self.0;
        let mut options = Vec::new();
        if !AsRef::<str>::as_ref(to).is_ascii() {
            if !connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                return Err(Refusal::Never(
                    "it takes no address beyond ASCII".to_owned(),
                ));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let steps = async {
            let mail = Mail::new(Some(from.clone()), options);
            // What is wrong with our own address is wrong with every mail.
            let of_sender = connection.command(mail).await;
            of_sender.map_err(|error| Refusal::Away(format!("sender: {}", words(&error))))?;
            let recipient = Rcpt::new(to.clone(), Vec::new());
            connection
                .command(recipient)
                .await
                .map_err(|error| refusal(&error))?;
            connection
                .command(Data)
                .await
                .map_err(|error| refusal(&error))?;
            Ok(())
        };
        let ended = timeout(COMMANDS_WITHIN, steps).await;
        ended.unwrap_or_else(|_| Err(Refusal::Away("timed out".to_owned())))
    }

    /// Sends the mail that was announced.
    pub(super) async fn deliver(&mut self, mail: &[u8]) -> Result<(), Refusal> {
        match timeout(ANSWER_WITHIN, self.0.message(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Refusal::Never(words(&error))),
            Ok(Err(error)) if error.is_transient() => Err(Refusal::GivenBack(words(&error))),
            Ok(Err(error)) => Err(Refusal::Unknown(words(&error))),
            Err(_) => Err(Refusal::Unknown("timed out".to_owned())),
        }
    }

    /// Says goodbye; nobody waits long for the answer.
    pub(super) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.0.quit()).await;
    }
}

async fn connect(config: &MailConfig) -> Result<AsyncSmtpConnection, Error> {
    let hello = ClientId::Domain(config.from.email.domain().to_owned());
    let tls = || TlsParameters::new(config.host.clone());
    let from_the_start = match config.security {
        Security::Tls => Some(tls()?),
        Security::None | Security::StartTls => None,
    };
    let server = (config.host.as_str(), config.port);
    let limit = Some(COMMANDS_WITHIN);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(server, limit, &hello, from_the_start, None).await?;
    if config.security == Security::StartTls {
        connection.starttls(tls()?, &hello).await?;
    }
    if let Some((user, password)) = &config.credentials {
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &credentials).await?;
    }
    Ok(connection)
}

/// Sorts a failure before the mail itself went out.
fn refusal(error: &Error) -> Refusal {
    if error.is_permanent() {
        Refusal::Never(words(error))
    } else if error.is_transient() {
        Refusal::Later(words(error))
    } else {
        Refusal::Away(words(error))
    }
}

/// What can be said of an error without what the server said.
fn words(error: &Error) -> String {
    if let Some(code) = error.status() {
        return format!("code {code}");
    }
    let source = error.source();
    match source.and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(error) => error.to_string(),
        None => "the connection broke".to_owned(),
    }
}
