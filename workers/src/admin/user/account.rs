//! Accounts as they are.

use crate::admin::{Answer, Table};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use std::convert::Infallible;
use std::str::FromStr;
use uuid::Uuid;

const SELECT: &str = "
    SELECT s.id, s.facility_id, s.email, s.name, s.role, s.all_departments,
           ARRAY(SELECT d.code FROM staff_department g JOIN department d ON d.id = g.department_id
                  WHERE g.staff_id = s.id ORDER BY d.code) AS departments,
           s.disabled_at, s.email_verified_at IS NOT NULL AS accepted,
           s.totp_confirmed_at IS NOT NULL AS second_factor, s.created_at,
           (SELECT count(*) FROM session x WHERE x.staff_id = s.id AND x.ended_at IS NULL
               AND x.idle_until > now() AND x.expires_at > now()) AS sessions
      FROM staff s";

/// Whose account.
#[derive(Debug, Clone)]
pub struct Who(String);

impl FromStr for Who {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) facility_id: Uuid,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) all_departments: bool,
    /// Codes.
    pub(super) departments: Vec<String>,
    pub(super) disabled_at: Option<DateTime<Utc>>,
    pub(super) accepted: bool,
    pub(super) second_factor: bool,
    created_at: DateTime<Utc>,
    sessions: i64,
}

impl Account {
    pub(super) async fn find(pool: &PgPool, who: &Who) -> anyhow::Result<Self> {
        let found = sqlx::query_as(AssertSqlSafe(format!(
            "{SELECT} WHERE s.id::text = $1 OR lower(s.email) = lower($1)"
        )))
        .bind(&who.0)
        .fetch_optional(pool)
        .await?;
        found.context("nobody has this address or id")
    }

    /// The account, locked together with those who administer its facility, always in this order:
    /// two who take each other's role away cannot both see the other remain.
    pub(super) async fn lock(&self, connection: &mut PgConnection) -> anyhow::Result<()> {
        sqlx::query(
            "SELECT id FROM staff WHERE facility_id = $1 AND (role = 'ADMIN' OR id = $2) \
              ORDER BY id FOR NO KEY UPDATE",
        )
        .bind(self.facility_id)
        .bind(self.id)
        .execute(connection)
        .await?;
        Ok(())
    }

    fn state(&self) -> &'static str {
        match (self.disabled_at, self.accepted) {
            (Some(_), _) => "disabled",
            (None, false) => "invited",
            (None, true) => "active",
        }
    }

    fn acts_in(&self) -> String {
        match self.all_departments {
            true => "everywhere".to_owned(),
            false => self.departments.join(", "),
        }
    }

    pub(super) fn shown(&self) -> Answer {
        let mut table = Table::pairs();
        for (name, value) in [
            ("id", self.id.to_string()),
            ("address", self.email.clone()),
            ("name", self.name.clone()),
            ("facility", self.facility_id.to_string()),
            ("role", self.role.clone()),
            ("acts in", self.acts_in()),
            ("state", self.state().to_owned()),
            (
                "second factor",
                if self.second_factor { "yes" } else { "no" }.to_owned(),
            ),
            ("live sessions", self.sessions.to_string()),
            ("since", self.created_at.to_rfc3339()),
        ] {
            table.row([name.to_owned(), value]);
        }
        Answer::ok(table.text(), json!({ "account": self }))
    }
}

/// Who has an account.
pub(super) async fn list(pool: &PgPool, facility: Option<Uuid>) -> anyhow::Result<Answer> {
    let accounts: Vec<Account> = sqlx::query_as(AssertSqlSafe(format!(
        "{SELECT} WHERE $1::uuid IS NULL OR s.facility_id = $1 ORDER BY s.facility_id, lower(s.email)"
    )))
    .bind(facility)
    .fetch_all(pool)
    .await?;
    let mut table = Table::new([
        "id", "address", "name", "role", "acts in", "state", "sessions",
    ]);
    for account in &accounts {
        table.row([
            account.id.to_string(),
            account.email.clone(),
            account.name.clone(),
            account.role.clone(),
            account.acts_in(),
            account.state().to_owned(),
            account.sessions.to_string(),
        ]);
    }
    Ok(Answer::ok(
        table.text_or("nobody has an account"),
        json!({ "accounts": accounts }),
    ))
}
