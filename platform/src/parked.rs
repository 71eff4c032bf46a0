//! Messages that were put aside, and how one is put into the stream again: the same way for the
//! operator's command line, which marks it itself, and for the api, which may not write it: there
//! the worker that reads the copy marks it, in the transaction of its effect.

use crate::bus::OutgoingMessage;
use crate::privacy::{Field, Keys, PrivacyError};
use bytes::Bytes;
use medique_contracts::subjects::{HEADER_FINGERPRINT, HEADER_REDRIVE, HEADER_REDRIVE_ASKED};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A message that was put aside, as far as sending it again needs it.
#[derive(Debug, FromRow)]
pub struct Parked {
    /// Identity.
    pub id: Uuid,
    /// The command, when the message said.
    pub command_id: Option<Uuid>,
    /// The facility, when the message or its subject said.
    pub facility_id: Option<Uuid>,
    /// Partition that it was read from, and whose owner reads the copy.
    pub partition: i16,
    /// Subject that it was stored under.
    pub subject: String,
    /// `parked`, `redriven` or `dropped`.
    pub state: String,
    fingerprint: Option<String>,
    payload: Vec<u8>,
}

/// Why a message cannot be sent again.
#[derive(Debug, thiserror::Error)]
pub enum ParkedError {
    /// It was emptied.
    #[error("the person whom it is about was erased")]
    Erased,
    /// It is no command of ours.
    #[error("the message did not come in on a command's subject")]
    NoCommand,
    /// It cannot be opened.
    #[error(transparent)]
    Sealed(#[from] PrivacyError),
}

/// Who wants a message sent again, and why; travels with the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Key of the actor.
    pub by: String,
    /// Why it may work now.
    pub reason: String,
}

/// Reads one.
///
/// # Errors
/// The database does not answer.
pub async fn read(pool: &PgPool, id: Uuid) -> Result<Option<Parked>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, command_id, facility_id, partition, subject, state, payload, \
                headers->>$2 AS fingerprint FROM dead_letter WHERE id = $1",
    )
    .bind(id)
    .bind(HEADER_FINGERPRINT)
    .fetch_optional(pool)
    .await
}

impl Parked {
    /// The message as the broker had stored it.
    ///
    /// # Errors
    /// It was emptied, or cannot be opened.
    pub fn message(&self, keys: &Keys) -> Result<Vec<u8>, ParkedError> {
        if self.payload.is_empty() {
            return Err(ParkedError::Erased);
        }
        let facility = self.facility_id.unwrap_or_default();
        let opened = match std::str::from_utf8(&self.payload) {
            Ok(text) => keys.open_for_facility(facility, Field::DeadLetter, text)?,
            Err(_) => None,
        };
        // Parked before there were keys.
        Ok(opened.unwrap_or_else(|| self.payload.clone()))
    }

    /// The copy that is to be published. Its id is the same however often it is made, and the
    /// worker's inbox knows its command: it takes effect at most once. With `asked` the worker marks
    /// what was parked as redriven.
    ///
    /// # Errors
    /// It was emptied, cannot be opened, or is no command.
    pub fn again(
        &self,
        keys: &Keys,
        asked: Option<&Asked>,
    ) -> Result<OutgoingMessage, ParkedError> {
        let (_, subject) = self
            .subject
            .split_once(".cmd.")
            .ok_or(ParkedError::NoCommand)?;
        let mut headers = vec![(HEADER_REDRIVE, self.id.to_string())];
        headers.extend(asked.map(|asked| (HEADER_REDRIVE_ASKED, asked.header())));
        let fingerprint = self.fingerprint.clone();
        headers.extend(fingerprint.map(|value| (HEADER_FINGERPRINT, value)));
        Ok(OutgoingMessage {
            subject: format!("cmd.{subject}"),
            message_id: format!("{}:redrive:{}", self.command_id.unwrap_or(self.id), self.id),
            headers,
            payload: Bytes::from(self.message(keys)?),
        })
    }
}

impl Asked {
    /// As a header: JSON, which has no line breaks.
    fn header(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Reads the header; none for one that is not ours.
    pub fn of_header(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_and_why_travels_in_one_line() {
        let asked = Asked {
            by: "staff:1".to_owned(),
            reason: "corrigé \"hier\"\r\n- النسخة".to_owned(),
        };
        let header = asked.header();
        assert!(!header.contains(['\r', '\n']));
        assert_eq!(Asked::of_header(&header), Some(asked));
        assert_eq!(Asked::of_header("yes"), None);
    }
}
