//! Somebody with an account, as signing in sees them.

use crate::auth::tokens::StaffGrant;
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Longest e-mail address, bytes (RFC 5321).
pub const EMAIL_BYTES_MAX: usize = 254;

/// An address as accounts are found and failures are counted by it. Here and nowhere else: the
/// database's own lower case depends on its locale, and takes letters such as `İ` for another one
/// that we would count apart, so that one account would have as many counters as spellings.
pub fn canonical(email: &str) -> String {
    email.to_lowercase()
}

/// An account that may sign in: not disabled, with a verified address.
#[derive(Clone, sqlx::FromRow)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// Where.
    pub facility_id: Uuid,
    /// The name at sign-in.
    pub email: String,
    /// Name for people.
    pub name: String,
    role: String,
    /// Whether the role acts in every department.
    pub all_departments: bool,
    /// Departments in which the role acts.
    pub departments: Vec<Uuid>,
    /// Argon2id, PHC string.
    pub password_hash: Option<String>,
    /// Until when the password, which a program made, may be replaced; none for one that somebody
    /// chose.
    pub initial_password_until: Option<DateTime<Utc>>,
    /// Sealed secret of the second factor.
    pub totp_secret: Option<Vec<u8>>,
    /// Sealed secret of one that is not confirmed.
    pub totp_pending: Option<Vec<u8>>,
    /// Newest step whose code was used.
    pub totp_last_step: Option<i64>,
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.facility_id, s.email, s.name, s.role, s.all_departments, s.password_hash,
                    s.initial_password_until, s.totp_secret, s.totp_pending, s.totp_last_step,
                    ARRAY(SELECT d.department_id FROM staff_department d WHERE d.staff_id = s.id
                          ORDER BY d.department_id) AS departments
             FROM staff s
             WHERE s.disabled_at IS NULL AND s.email_verified_at IS NOT NULL AND ",
            $which
        )
    };
}

/// The address comes in its one spelling: the database folds only what is stored.
const BY_EMAIL: &str = select!("lower(s.email) = $1");

impl Person {
    /// By e-mail address, upper and lower case alike.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_email(pool: &PgPool, email: &str) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as(BY_EMAIL)
            .bind(canonical(email))
            .fetch_optional(pool)
            .await
    }

    /// The same within a transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_email_in(
        connection: &mut PgConnection,
        email: &str,
    ) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as(BY_EMAIL)
            .bind(canonical(email))
            .fetch_optional(connection)
            .await
    }

    /// By id.
    ///
    /// # Errors
    /// The database's.
    pub async fn by_id(
        connection: &mut PgConnection,
        id: StaffId,
    ) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as(select!("s.id = $1"))
            .bind(id.0)
            .fetch_optional(connection)
            .await
    }

    /// By id, and nobody changes the account until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn lock(
        connection: &mut PgConnection,
        id: StaffId,
    ) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query("SELECT FROM staff WHERE id = $1 FOR NO KEY UPDATE")
            .bind(id.0)
            .execute(&mut *connection)
            .await?;
        Self::by_id(connection, id).await
    }

    /// The account.
    pub fn staff_id(&self) -> StaffId {
        StaffId(self.id)
    }

    /// [`Actor::key`](medique_contracts::Actor::key).
    pub fn actor(&self) -> String {
        format!("staff:{}", self.id)
    }

    /// The one role.
    ///
    /// # Errors
    /// `internal_error`: a role that this build does not know.
    pub fn role(&self) -> Result<Role, Problem> {
        self.role.parse().map_err(|_| {
            tracing::error!(staff_id = %self.id, "the account has an unknown role");
            Problem::new(ApiCode::InternalError)
        })
    }

    /// What the account may do, for somebody who proved to be its owner by `amr` (RFC 8176).
    ///
    /// # Errors
    /// As [`Person::role`].
    pub fn grant(&self, amr: &[&str]) -> Result<StaffGrant, Problem> {
        let departments = self.departments.iter().copied().map(DepartmentId).collect();
        Ok(StaffGrant {
            staff_id: self.staff_id(),
            facility_id: FacilityId(self.facility_id),
            role: self.role()?,
            departments: if self.all_departments {
                Grants::All
            } else {
                Grants::Only(departments)
            },
            amr: amr.iter().map(|&method| method.to_owned()).collect(),
        })
    }

    /// What a password must not be made of.
    pub fn own_words(&self) -> Vec<String> {
        vec![self.name.clone(), self.email.clone(), "medique".to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::identity_key::IdentityKey;

    /// A locale may take two letters for one that another does not: whatever finds an account is
    /// counted as that account.
    #[test]
    fn an_account_has_one_name_however_it_is_spelt() {
        let key = IdentityKey::read(&"ab".repeat(32).into(), None).expect("a key");
        for (one, other) in [
            ("ida@h.example", "IDA@H.example"),
            ("ida@h.example", "\u{130}da@h.example"),
            ("kim@h.example", "\u{212a}im@h.example"),
            ("rosa@h.example", "ro\u{17f}a@h.example"),
        ] {
            let is_found = canonical(one) == canonical(other);
            assert_eq!(is_found, key.name(one) == key.name(other), "{other}");
        }
        assert_ne!(canonical("\u{130}da@h.example"), "ida@h.example");
        assert!(!BY_EMAIL.contains("lower($"), "{BY_EMAIL}");
    }
}
