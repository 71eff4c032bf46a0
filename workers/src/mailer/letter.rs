//! Writes mails: one wording, rendered as plain text and as HTML, in which everything that people
//! typed is escaped.

use super::outbox::Claimed;
use askama::Template;
use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use medique_platform::mail::Mail;

/// Why a mail cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum LetterError {
    #[error("a template failed")]
    Template(#[from] askama::Error),
    #[error("the mail cannot be put together")]
    Mail(#[from] lettre::error::Error),
}

/// What a mail says.
#[derive(Debug, PartialEq, Eq)]
struct Letter {
    subject: &'static str,
    name: String,
    /// Before the link.
    lead: String,
    link: Option<Link>,
    /// After it.
    note: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
struct Link {
    label: &'static str,
    url: String,
    until: String,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct PlainText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    letter: &'a Letter,
}

/// The mail as it goes over the wire; the same for every try, but for the marks between its parts.
pub(super) fn write(
    claimed: &Claimed,
    from: &Mailbox,
    to: &Address,
) -> Result<Vec<u8>, LetterError> {
    let letter = Letter::of(&claimed.content.0);
    let plain = PlainText { letter: &letter }.render()?;
    let html = Html { letter: &letter }.render()?;
    // nobody's holiday answers it
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(letter.subject)
        .message_id(Some(claimed.message_id.clone()))
        .date(claimed.enqueued_at.into())
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(plain, html))?;
    Ok(message.formatted())
}

impl Letter {
    fn of(mail: &Mail) -> Self {
        match mail {
            Mail::Invitation {
                url,
                name,
                facility,
                expires_at,
            } => Self {
                subject: "Your MediQue account",
                name: name.clone(),
                lead: format!(
                    "An account was made for you at {facility}. Choose a password to begin."
                ),
                link: Some(Link::new("Set up your account", url, *expires_at)),
                note: "The link works once. If you do not expect this mail, ignore it: without the link nobody can use the account.",
            },
            Mail::PasswordReset {
                url,
                name,
                expires_at,
                demanded: true,
            } => Self {
                subject: "Choose a new MediQue password",
                name: name.clone(),
                lead: "Your account needs a new password before it can be used again: the one it had may be known to others, or an administrator changed how you sign in."
                    .to_owned(),
                link: Some(Link::new("Choose a new password", url, *expires_at)),
                note: "The link works once and signs you out everywhere. Do not use the former password anywhere else any more.",
            },
            Mail::PasswordReset {
                url,
                name,
                expires_at,
                demanded: false,
            } => Self {
                subject: "Reset your MediQue password",
                name: name.clone(),
                lead: "Somebody, probably you, asked for a new password for your account."
                    .to_owned(),
                link: Some(Link::new("Choose a new password", url, *expires_at)),
                note: "The link works once and signs you out everywhere. If you did not ask for it, ignore this mail: your password stays as it is.",
            },
            Mail::PasswordChanged { name, changed_at } => Self {
                subject: "Your MediQue password was changed",
                name: name.clone(),
                lead: format!(
                    "The password of your account was changed on {}.",
                    text_of(*changed_at)
                ),
                link: None,
                note: WARNING,
            },
            Mail::SecondFactorChanged {
                name,
                enabled,
                changed_at,
            } => Self {
                subject: "Your MediQue sign-in was changed",
                name: name.clone(),
                lead: format!(
                    "The second step of signing in was {} for your account on {}.",
                    if *enabled { "set up" } else { "switched off" },
                    text_of(*changed_at)
                ),
                link: None,
                note: WARNING,
            },
            Mail::SignInLocked { name, until } => Self {
                subject: "Sign-in to MediQue was locked",
                name: name.clone(),
                lead: format!(
                    "There were too many failed tries to sign in to your account. It is locked until {}.",
                    text_of(*until)
                ),
                link: None,
                note: WARNING,
            },
            Mail::NewPlace {
                name,
                address,
                signed_in_at,
            } => Self {
                subject: "A new sign-in to MediQue",
                name: name.clone(),
                lead: format!(
                    "Somebody signed in to your account on {} from {}, where it was not used before.",
                    text_of(*signed_in_at),
                    address.as_deref().unwrap_or("an unknown address"),
                ),
                link: None,
                note: WARNING,
            },
            Mail::CodeReused { name, shown_at } => Self {
                subject: "A code of yours was shown twice",
                name: name.clone(),
                lead: format!(
                    "On {}, somebody tried to sign in to your account with a code of your authenticator that was used already. It was refused.",
                    text_of(*shown_at)
                ),
                link: None,
                note: WARNING,
            },
        }
    }
}

const WARNING: &str = "If this was not you, tell an administrator of your hospital at once.";

impl Link {
    fn new(label: &'static str, url: &str, until: DateTime<Utc>) -> Self {
        Self {
            label,
            url: url.to_owned(),
            until: text_of(until),
        }
    }
}

fn text_of(instant: DateTime<Utc>) -> String {
    instant.format("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reset(name: &str) -> Mail {
        Mail::PasswordReset {
            url: "https://h.example/reset?a=1&b=2".to_owned(),
            name: name.to_owned(),
            expires_at: DateTime::UNIX_EPOCH,
            demanded: false,
        }
    }

    #[test]
    fn what_people_typed_is_escaped_in_html_and_not_in_text() {
        let letter = Letter::of(&reset("<b>Ada</b> & co"));
        let html = Html { letter: &letter }.render().unwrap();
        assert!(!html.contains("<b>Ada"), "{html}");
        assert!(
            html.contains("a=1&#38;b=2") || html.contains("a=1&amp;b=2"),
            "{html}"
        );
        let text = PlainText { letter: &letter }.render().unwrap();
        assert!(text.contains("<b>Ada</b> & co"), "{text}");
        assert!(text.contains("https://h.example/reset?a=1&b=2"), "{text}");
        assert!(text.contains("1 January 1970, 00:00 UTC"), "{text}");
    }

    #[test]
    fn a_warning_has_no_link() {
        let letter = Letter::of(&Mail::PasswordChanged {
            name: "Ada".to_owned(),
            changed_at: DateTime::UNIX_EPOCH,
        });
        assert_eq!(letter.link, None);
        let html = Html { letter: &letter }.render().unwrap();
        assert!(!html.contains("<a "), "{html}");
    }
}
