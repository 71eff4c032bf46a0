//! `admin user reset-link`.

use super::account::{Account, Who};
use crate::admin::{Answer, OPERATOR, change};
use anyhow::ensure;
use chrono::TimeDelta;
use medique_contracts::ids::{FacilityId, StaffId};
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::single_use::{self, Purpose};
use serde_json::json;
use sqlx::PgPool;

/// The page of the screens that sets a new password.
const PAGE: &str = "reset-password";

/// Print a link to set a new password with.
#[derive(Debug, clap::Args)]
pub struct ResetLink {
    /// E-mail address or id.
    who: Who,
    /// Minutes until the link is dead.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(i64).range(1..=24 * 60))]
    ttl_minutes: i64,
    /// Why; stands in the audit trail.
    #[arg(long)]
    reason: String,
}

impl ResetLink {
    pub(super) async fn run(self, pool: &PgPool, public_url: &str) -> anyhow::Result<Answer> {
        ensure!(!self.reason.trim().is_empty(), "a reason must be given");
        let account = Account::find(pool, &self.who).await?;
        ensure!(
            account.disabled_at.is_none(),
            "the account is disabled: enable it first"
        );
        let (life, staff) = (TimeDelta::minutes(self.ttl_minutes), StaffId(account.id));
        let fact = Fact {
            facts: json!({ "staff_id": staff, "link": "printed" }),
            detail: Some(json!({ "reason": self.reason })),
            ..Fact::new(
                FactKind::PasswordResetRequested,
                Some(FacilityId(account.facility_id)),
                OPERATOR,
            )
        };
        let (token, expires_at) = change(pool, move |connection| {
            Box::pin(async move {
                let now = clock::now();
                let issued =
                    single_use::issue(connection, Purpose::Reset, staff, life, now).await?;
                audit::append(connection, &fact).await?;
                Ok(issued)
            })
        })
        .await?;
        let url = single_use::link(public_url, PAGE, &token);
        let text = format!("{url}\ngood once, until {}", expires_at.to_rfc3339());
        Ok(Answer::ok(
            text,
            json!({ "staff_id": staff, "url": url, "expires_at": expires_at }),
        ))
    }
}
