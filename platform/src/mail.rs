//! Mails to staff: enqueued in the transaction of the change that causes them, so that neither
//! stands without the other. The role `mailer` of the worker sends them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A mail, as it waits to be sent. Links in it are credentials: it has no `Debug` that shows them,
/// and the row forgets it once it is sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// An account was made: set a password.
    Invitation {
        /// Where, with a single-use token.
        url: String,
        /// Who is invited.
        name: String,
        /// Into which facility.
        facility: String,
        /// Instant from which the link is dead.
        expires_at: DateTime<Utc>,
    },
    /// A new password was asked for, or is needed: set it.
    PasswordReset {
        /// Where, with a single-use token.
        url: String,
        /// Whose account.
        name: String,
        /// Instant from which the link is dead.
        expires_at: DateTime<Utc>,
        /// Whether nobody asked: the account cannot be used before.
        #[serde(default)]
        demanded: bool,
    },
    /// The password was changed: a warning to its owner.
    PasswordChanged {
        /// Whose account.
        name: String,
        /// When.
        changed_at: DateTime<Utc>,
    },
    /// A second factor was set up or taken away: a warning to the account's owner.
    SecondFactorChanged {
        /// Whose account.
        name: String,
        /// Whether sign-in asks for it from now on.
        enabled: bool,
        /// When.
        changed_at: DateTime<Utc>,
    },
    /// Too many failed tries to sign in: a warning to the account's owner.
    SignInLocked {
        /// Whose account.
        name: String,
        /// Instant from which sign-in works again.
        until: DateTime<Utc>,
    },
    /// Somebody signed in from where the account was not seen before: a notice to its owner.
    NewPlace {
        /// Whose account.
        name: String,
        /// The address, where it is known.
        address: Option<String>,
        /// When.
        signed_in_at: DateTime<Utc>,
    },
    /// A code of the second factor was shown a second time: a warning to the account's owner.
    CodeReused {
        /// Whose account.
        name: String,
        /// When.
        shown_at: DateTime<Utc>,
    },
}

impl Mail {
    /// A short stable name, for logs and operators.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::SecondFactorChanged { .. } => "second_factor_changed",
            Self::SignInLocked { .. } => "sign_in_locked",
            Self::NewPlace { .. } => "new_place",
            Self::CodeReused { .. } => "code_reused",
        }
    }
}

/// The kind only: the rest is personal, and links are credentials.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

/// Enqueues a mail within the caller's transaction; the id is the row's.
///
/// # Errors
/// The database does not answer, or refuses.
pub async fn enqueue(
    connection: &mut PgConnection,
    to: &str,
    mail: &Mail,
) -> Result<Uuid, sqlx::Error> {
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO mail_outbox (id, kind, recipient, content) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(mail.kind())
        .bind(to)
        .bind(Json(mail))
        .execute(connection)
        .await?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_shows_its_kind_and_no_secret() {
        let mail = Mail::PasswordReset {
            url: "https://example.org/reset#secret".to_owned(),
            name: "Ada".to_owned(),
            expires_at: DateTime::UNIX_EPOCH,
            demanded: false,
        };
        assert_eq!(format!("{mail:?}"), "Mail { kind: \"password_reset\", .. }");
        let text = serde_json::to_string(&mail).expect("serialises");
        assert!(text.starts_with("{\"kind\":\"password_reset\","), "{text}");
        assert_eq!(
            serde_json::from_str::<Mail>(&text).expect("reads back"),
            mail
        );
        // rows of builds before this one say nothing of who demanded it
        let before = text.replace(",\"demanded\":false", "");
        assert_ne!(before, text);
        assert_eq!(serde_json::from_str::<Mail>(&before).expect("reads"), mail);
    }
}
