//! The mails, and how the server is to behave.

use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Mails that are kept; the oldest go.
const MAILS_MAX: usize = 500;

/// A mail as it was caught.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    /// From 1, in the order of arrival.
    pub(crate) number: u64,
    /// Sender of the envelope.
    pub(crate) from: String,
    /// Recipients of the envelope.
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    /// The plain text part, decoded.
    pub(crate) text: String,
    /// The HTML part, decoded.
    pub(crate) html: String,
    /// As it came.
    pub(crate) raw: String,
}

/// A step of the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// The greeting.
    Connect,
    Mail,
    Rcpt,
    Data,
    /// After the mail itself.
    Message,
}

/// What happens there instead of the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// Answers with this code (4xx or 5xx) and keeps nothing.
    Refuse(u16),
    /// Keeps the mail, if there is one already, and never answers.
    Hang,
    /// Keeps the mail, if there is one already, and closes the connection without an answer.
    Close,
}

/// How the server behaves until it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Behaviour {
    pub(crate) at: Step,
    pub(crate) fault: Fault,
}

#[derive(Debug, Default)]
struct State {
    mails: VecDeque<Mail>,
    caught: u64,
    behaviour: Option<Behaviour>,
}

/// Shared by all connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store(Arc<Mutex<State>>);

impl Store {
    fn state(&self) -> MutexGuard<'_, State> {
        // no code that holds the lock can leave it half changed
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn fault_at(&self, step: Step) -> Option<Fault> {
        let behaviour = self.state().behaviour?;
        (behaviour.at == step).then_some(behaviour.fault)
    }

    pub(crate) fn behave(&self, behaviour: Option<Behaviour>) {
        self.state().behaviour = behaviour;
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.state().mails.iter().cloned().collect()
    }

    pub(crate) fn mail(&self, number: u64) -> Option<Mail> {
        let state = self.state();
        state
            .mails
            .iter()
            .find(|mail| mail.number == number)
            .cloned()
    }

    pub(crate) fn clear(&self) {
        self.state().mails.clear();
    }

    pub(crate) fn keep(&self, from: String, to: Vec<String>, raw: &[u8]) {
        let parsed = MessageParser::default().parse(raw);
        let parsed = parsed.as_ref();
        let text_of = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let body = |body: Option<std::borrow::Cow<'_, str>>| body.unwrap_or_default().into_owned();
        let mut state = self.state();
        state.caught += 1;
        let mail = Mail {
            number: state.caught,
            from,
            to,
            subject: text_of(parsed.and_then(|mail| mail.subject())),
            message_id: text_of(parsed.and_then(|mail| mail.message_id())),
            text: body(parsed.and_then(|mail| mail.body_text(0))),
            html: body(parsed.and_then(|mail| mail.body_html(0))),
            raw: String::from_utf8_lossy(raw).into_owned(),
        };
        state.mails.push_back(mail);
        if state.mails.len() > MAILS_MAX {
            state.mails.pop_front();
        }
    }
}
