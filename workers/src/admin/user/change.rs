//! Changes of accounts: under the same rules as at the api, and in the same trail.

use super::account::{Account, Who};
use crate::admin::{Answer, OPERATOR, change};
use anyhow::{bail, ensure};
use medique_contracts::ids::{FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::single_use::{self, Purpose};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Why sessions of a disabled account end, as the api says it.
const ACCOUNT_DISABLED: &str = "account_disabled";

/// Change an account.
#[derive(Debug, clap::Args)]
pub struct ChangeUser {
    /// E-mail address or id.
    who: Who,
    /// Another name for people.
    #[arg(long)]
    name: Option<String>,
    /// Another role: ADMIN, RECEPTION, NURSE, DOCTOR or DISPLAY.
    #[arg(long)]
    role: Option<Role>,
    /// Department in which the role acts; may be given several times, and replaces those of before.
    #[arg(long = "department")]
    departments: Vec<Uuid>,
    /// The role acts in every department.
    #[arg(long, conflicts_with = "departments")]
    all_departments: bool,
    /// Why; stands in the audit trail.
    #[arg(long)]
    reason: String,
}

impl ChangeUser {
    pub(super) async fn run(self, pool: &PgPool) -> anyhow::Result<Answer> {
        ensure!(
            self.role != Some(Role::Patient),
            "patients have no accounts"
        );
        let changes_grants = self.all_departments || !self.departments.is_empty();
        ensure!(
            self.name.is_some() || self.role.is_some() || changes_grants,
            "say what to change: --name, --role, --department or --all-departments"
        );
        let who = self.who.clone();
        let account = Account::find(pool, &who).await?;
        change(pool, move |connection| {
            Box::pin(async move { self.apply(connection, &account, changes_grants).await })
        })
        .await?;
        Ok(Account::find(pool, &who).await?.shown())
    }

    async fn apply(
        self,
        connection: &mut PgConnection,
        account: &Account,
        changes_grants: bool,
    ) -> anyhow::Result<()> {
        account.lock(connection).await?;
        let role = self
            .role
            .map_or(account.role.as_str(), |role| role.as_str());
        let everywhere = match changes_grants {
            true => self.all_departments,
            false => account.all_departments,
        };
        sqlx::query("UPDATE staff SET name = $2, role = $3, all_departments = $4 WHERE id = $1")
            .bind(account.id)
            .bind(self.name.as_ref().unwrap_or(&account.name))
            .bind(role)
            .bind(everywhere)
            .execute(&mut *connection)
            .await?;
        if changes_grants {
            grant(connection, account, &self.departments).await?;
        }
        somebody_remains(connection, account).await?;
        let facts = json!({
            "staff_id": account.id,
            "role": role,
            "role_before": account.role,
            "departments": if changes_grants { Some(&self.departments) } else { None },
            "all_departments": everywhere,
            "all_departments_before": account.all_departments,
        });
        let kind = match (role == account.role, changes_grants) {
            (true, true) => FactKind::GrantsChanged,
            _ => FactKind::StaffChanged,
        };
        tell(connection, account, kind, facts, Some(&self.reason)).await
    }
}

/// Rows that stay are left alone: each change of one ends the account's access tokens.
async fn grant(
    connection: &mut PgConnection,
    account: &Account,
    departments: &[Uuid],
) -> anyhow::Result<()> {
    let known: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM department WHERE facility_id = $1 AND id = ANY($2)",
    )
    .bind(account.facility_id)
    .bind(departments)
    .fetch_one(&mut *connection)
    .await?;
    if usize::try_from(known) != Ok(departments.len()) {
        bail!("a department is named twice, or is not one of this facility");
    }
    sqlx::query("DELETE FROM staff_department WHERE staff_id = $1 AND department_id <> ALL($2)")
        .bind(account.id)
        .bind(departments)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO staff_department (staff_id, department_id) SELECT $1, unnest($2::uuid[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(account.id)
    .bind(departments)
    .execute(connection)
    .await?;
    Ok(())
}

/// Disables an account: its sessions end, its links are worthless, and nobody signs in to it.
pub(super) async fn disable(pool: &PgPool, who: &Who, reason: String) -> anyhow::Result<Answer> {
    let account = Account::find(pool, who).await?;
    if account.disabled_at.is_some() {
        return Ok(Answer::ok(
            "it was disabled already",
            json!({ "account": account }),
        ));
    }
    change(pool, move |connection| {
        Box::pin(async move {
            account.lock(connection).await?;
            let now = clock::now();
            sqlx::query("UPDATE staff SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL")
                .bind(account.id)
                .bind(now)
                .execute(&mut *connection)
                .await?;
            somebody_remains(connection, &account).await?;
            for purpose in [Purpose::Invitation, Purpose::Reset] {
                single_use::revoke(connection, purpose, StaffId(account.id), now).await?;
            }
            let ended = end_sessions(connection, &account).await?;
            let facts = json!({ "staff_id": account.id, "sessions_ended": ended });
            tell(
                connection,
                &account,
                FactKind::StaffDisabled,
                facts,
                Some(&reason),
            )
            .await
        })
    })
    .await?;
    Ok(Account::find(pool, who).await?.shown())
}

/// Lets the owner in again.
pub(super) async fn enable(pool: &PgPool, who: &Who, reason: String) -> anyhow::Result<Answer> {
    let account = Account::find(pool, who).await?;
    if account.disabled_at.is_none() {
        return Ok(Answer::ok(
            "it was not disabled",
            json!({ "account": account }),
        ));
    }
    change(pool, move |connection| {
        Box::pin(async move {
            account.lock(connection).await?;
            sqlx::query("UPDATE staff SET disabled_at = NULL WHERE id = $1")
                .bind(account.id)
                .execute(&mut *connection)
                .await?;
            let facts = json!({ "staff_id": account.id });
            tell(
                connection,
                &account,
                FactKind::StaffEnabled,
                facts,
                Some(&reason),
            )
            .await
        })
    })
    .await?;
    Ok(Account::find(pool, who).await?.shown())
}

async fn end_sessions(connection: &mut PgConnection, account: &Account) -> anyhow::Result<usize> {
    let ended: Vec<Uuid> = sqlx::query_scalar(
        "UPDATE session SET ended_at = now(), end_reason = $2 \
          WHERE id IN (SELECT id FROM session WHERE staff_id = $1 AND ended_at IS NULL \
                        ORDER BY id FOR NO KEY UPDATE) RETURNING id",
    )
    .bind(account.id)
    .bind(ACCOUNT_DISABLED)
    .fetch_all(&mut *connection)
    .await?;
    for session in &ended {
        let facts =
            json!({ "session_id": session, "staff_id": account.id, "reason": ACCOUNT_DISABLED });
        tell(connection, account, FactKind::SessionEnded, facts, None).await?;
    }
    Ok(ended.len())
}

/// Refuses a change after which nobody could administer the facility, or nobody all of it who could
/// before.
async fn somebody_remains(connection: &mut PgConnection, account: &Account) -> anyhow::Result<()> {
    if account.role != Role::Admin.as_str() {
        return Ok(());
    }
    let (any, everywhere): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE all_departments) FROM staff \
          WHERE facility_id = $1 AND role = 'ADMIN' AND disabled_at IS NULL AND email_verified_at IS NOT NULL",
    )
    .bind(account.facility_id)
    .fetch_one(connection)
    .await?;
    ensure!(
        any > 0 && (everywhere > 0 || !account.all_departments),
        "nobody would administer the facility any more: make another administrator first"
    );
    Ok(())
}

async fn tell(
    connection: &mut PgConnection,
    account: &Account,
    kind: FactKind,
    facts: Value,
    reason: Option<&str>,
) -> anyhow::Result<()> {
    ensure!(
        reason.is_none_or(|reason| !reason.trim().is_empty()),
        "a reason must be given"
    );
    let fact = Fact {
        facts,
        detail: reason.map(|reason| json!({ "reason": reason })),
        ..Fact::new(kind, Some(FacilityId(account.facility_id)), OPERATOR)
    };
    Ok(audit::append(connection, &fact).await?)
}
