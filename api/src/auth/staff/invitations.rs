//! Invitations: how accounts begin.

use super::{By, Wanted, give_departments, lock, switch_off, tell};
use crate::app::App;
use crate::auth::single_use::{self, Purpose};
use crate::problem::{ApiCode, Problem};
use medique_contracts::actor::Grants;
use medique_contracts::ids::StaffId;
use medique_platform::audit::FactKind;
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Makes an account and invites its owner by mail. Until the invitation is accepted nobody can sign
/// in.
///
/// # Errors
/// `email_taken`, `forbidden`, `unknown_department`.
pub async fn invite(
    app: &App,
    connection: &mut PgConnection,
    by: &By,
    email: &str,
    wanted: &Wanted,
) -> Result<StaffId, Problem> {
    by.has(&wanted.grants)?;
    let staff = StaffId(Uuid::now_v7());
    let made = sqlx::query(
        "INSERT INTO staff (id, facility_id, email, name, role, all_departments)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(staff.0)
    .bind(by.facility.0)
    .bind(email)
    .bind(&wanted.name)
    .bind(wanted.role.as_str())
    .bind(wanted.grants == Grants::All)
    .execute(&mut *connection)
    .await?;
    if made.rows_affected() == 0 {
        return Err(Problem::new(ApiCode::EmailTaken));
    }
    give_departments(connection, by, staff, wanted).await?;
    send(app, connection, by, staff, email, &wanted.name).await?;
    tell(connection, by, FactKind::StaffInvited, wanted.facts(staff)).await?;
    Ok(staff)
}

/// Sends the invitation again, with another link; one that was revoked is open again.
///
/// # Errors
/// `unknown_staff`, `not_invited`, `forbidden`.
pub async fn invite_again(
    app: &App,
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
) -> Result<(), Problem> {
    let account = lock(connection, by, staff).await?;
    if account.is_accepted {
        return Err(Problem::new(ApiCode::NotInvited));
    }
    sqlx::query("UPDATE staff SET disabled_at = NULL WHERE id = $1")
        .bind(staff.0)
        .execute(&mut *connection)
        .await?;
    send(app, connection, by, staff, &account.email, &account.name).await?;
    let facts = json!({ "staff_id": staff, "again": true });
    tell(connection, by, FactKind::StaffInvited, facts).await
}

/// Takes an invitation back that was not accepted.
///
/// # Errors
/// `unknown_staff`, `not_invited`, `forbidden`.
pub async fn revoke_invitation(
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
) -> Result<(), Problem> {
    let account = lock(connection, by, staff).await?;
    if account.is_accepted || account.is_disabled {
        return Err(Problem::new(ApiCode::NotInvited));
    }
    single_use::revoke(connection, Purpose::Invitation, staff, clock::now()).await?;
    switch_off(connection, staff).await?;
    let facts = json!({ "staff_id": staff, "invitation": "revoked" });
    tell(connection, by, FactKind::StaffDisabled, facts).await
}

async fn send(
    app: &App,
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
    email: &str,
    name: &str,
) -> Result<(), sqlx::Error> {
    let life = app.config.identity.invitation_ttl;
    let (token, expires_at) =
        single_use::issue(connection, Purpose::Invitation, staff, life, clock::now()).await?;
    let facility: String = sqlx::query_scalar("SELECT name FROM facility WHERE id = $1")
        .bind(by.facility.0)
        .fetch_one(&mut *connection)
        .await?;
    let mail = Mail::Invitation {
        url: single_use::link(&app.config.public_base(), "accept-invitation", &token),
        name: name.to_owned(),
        facility,
        expires_at,
    };
    mail::enqueue(connection, email, &mail).await?;
    Ok(())
}
