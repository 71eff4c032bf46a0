//! Where mails go out.

use lettre::message::Mailbox;
use medique_platform::config::Env;
use secrecy::{ExposeSecret as _, SecretString};
use std::net::IpAddr;
use url::{Host, Url};

const URL: &str = "MEDIQUE_SMTP_URL";
const FROM: &str = "MEDIQUE_MAIL_FROM";

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// By STARTTLS, without which nothing is sent.
    StartTls,
    /// From its first byte.
    Tls,
}

/// A server to hand mails to.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `MEDIQUE_SMTP_URL`: where [mails](mail.md) are handed over; without it they wait. `smtps://user:password@host:465`, or `smtp://…` with STARTTLS; without
    /// TLS only to this machine, or to where `?tls=none` allows it.
    pub host: String,
    /// Its port: 465 with TLS, 587 with STARTTLS, 25 without, unless the URL says another one.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// User and password, when the URL has them.
    pub credentials: Option<(String, SecretString)>,
    /// `MEDIQUE_MAIL_FROM`: sender of the mails, such as `MediQue <no-reply@hospital.example>`;
    /// required with `MEDIQUE_SMTP_URL`.
    pub from: Mailbox,
}

impl MailConfig {
    /// Reads and checks the two variables; none without a server.
    pub fn read(env: &mut Env) -> Option<Self> {
        let (url, from) = (env.secret(URL), env.text(FROM));
        let url = url?;
        let Some(from) = from else {
            env.problem(format!("{FROM}: must be set with {URL}"));
            return None;
        };
        let Ok(from) = from.parse() else {
            env.problem(format!("{FROM}: is not a mail address"));
            return None;
        };
        match Self::parse(url.expose_secret(), from) {
            Ok(config) => Some(config),
            Err(problem) => {
                env.problem(format!("{URL}: {problem}"));
                None
            }
        }
    }

    /// The problem never quotes the URL: it holds a password.
    fn parse(text: &str, from: Mailbox) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        // not one of the schemes that the crate knows hosts of: an address is not recognised as one
        let host = match url.host() {
            Some(Host::Domain(host)) => host.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err("names no host"),
        };
        let security = match (url.scheme(), url.query()) {
            ("smtps", None) => Security::Tls,
            ("smtp", Some("tls=none")) => Security::None,
            ("smtp", None) if is_here(&host) => Security::None,
            ("smtp", None) => Security::StartTls,
            _ => return Err("must begin with smtps:// or smtp://, and may end with ?tls=none"),
        };
        let decode = |text: &str| {
            percent_decode(text).ok_or("has a user or password that is not percent-encoded UTF-8")
        };
        let credentials = match url.password() {
            Some(password) => Some((decode(url.username())?, decode(password)?.into())),
            None if url.username().is_empty() => None,
            None => return Err("has a user without a password"),
        };
        if security == Security::None && credentials.is_some() && !is_here(&host) {
            return Err("would send its password over the network without TLS");
        }
        let default_port = match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        };
        Ok(Self {
            port: url.port().unwrap_or(default_port),
            host,
            security,
            credentials,
            from,
        })
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            u8::try_from(high * 16 + low).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<MailConfig, &'static str> {
        MailConfig::parse(url, "MediQue <no-reply@h.example>".parse().unwrap())
    }

    #[test]
    fn what_leaves_this_machine_is_protected_unless_told_otherwise() {
        for (url, security, port) in [
            ("smtps://mail.example", Security::Tls, 465),
            ("smtp://mail.example", Security::StartTls, 587),
            ("smtp://mail.example:2525", Security::StartTls, 2525),
            ("smtp://mail.example?tls=none", Security::None, 25),
            ("smtp://127.0.0.1:1025", Security::None, 1025),
            ("smtp://localhost", Security::None, 25),
        ] {
            let config = parse(url).unwrap();
            assert_eq!((config.security, config.port), (security, port), "{url}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let config = parse("smtps://u%40h:p%2Fw@mail.example").unwrap();
        let (user, password) = config.credentials.clone().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("u@h", "p/w"));
        assert!(!format!("{config:?}").contains("p/w"));
    }

    #[test]
    fn what_cannot_work_or_is_not_safe_is_refused() {
        for url in [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtps://mail.example?tls=none",
            "smtp://u:p@mail.example?tls=none",
            "smtps://user@mail.example",
            "smtps://u:%zz@mail.example",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_server_needs_a_sender() {
        let mut env = Env::from_pairs([(URL, "smtp://127.0.0.1")]);
        assert!(MailConfig::read(&mut env).is_none());
        let told = env.finish().unwrap_err().problems;
        assert_eq!(
            told,
            ["MEDIQUE_MAIL_FROM: must be set with MEDIQUE_SMTP_URL"]
        );
    }
}
