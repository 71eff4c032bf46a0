//! The accounts of a facility, as its administrators change them.
//!
//! An administrator gives no more than they have: one who acts in some departments manages accounts
//! that act in those only. Somebody who can administer the facility always remains.

mod invitations;

pub use invitations::{invite, invite_again, revoke_invitation};

use super::mail_requests::{self, Reset};
use super::person::Person;
use super::sessions::{EndReason, Ending, end_all_as};
use super::single_use::{self, Purpose};
use super::{Caller, second_factor};
use crate::app::App;
use crate::problem::{ApiCode, Problem};
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, RejectionCode};
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// Who changes accounts, and in which request.
#[derive(Debug, Clone)]
pub struct By {
    /// [`Actor::key`].
    pub actor: String,
    /// The facility.
    pub facility: FacilityId,
    /// Where the administrator acts.
    pub departments: Grants,
    /// Trace of the request.
    pub trace_id: Option<String>,
}

impl By {
    /// The administrator who calls.
    ///
    /// # Errors
    /// `forbidden`: not an administrator.
    pub fn admin(caller: &Caller, trace_id: Option<String>) -> Result<Self, Problem> {
        match &caller.actor {
            Actor::Staff {
                role: Role::Admin,
                departments,
                ..
            } => Ok(Self {
                actor: caller.actor_key.clone(),
                facility: caller.facility_id,
                departments: departments.clone(),
                trace_id,
            }),
            _ => Err(Problem::new(RejectionCode::Forbidden)),
        }
    }

    /// Refuses what the administrator does not have.
    fn has(&self, grants: &Grants) -> Result<(), Problem> {
        let covered = match (&self.departments, grants) {
            (Grants::All, _) => true,
            (Grants::Only(_), Grants::All) => false,
            (own, Grants::Only(list)) => list.iter().all(|id| own.covers(*id)),
        };
        if covered {
            Ok(())
        } else {
            Err(Problem::new(RejectionCode::Forbidden)
                .detail("the account acts where this administrator does not"))
        }
    }
}

/// What an account is to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Name for people.
    pub name: String,
    /// The one role.
    pub role: Role,
    /// Where it acts.
    pub grants: Grants,
}

impl Wanted {
    fn departments(&self) -> Vec<Uuid> {
        match &self.grants {
            Grants::All => Vec::new(),
            Grants::Only(list) => list.iter().map(|id| id.0).collect(),
        }
    }

    fn facts(&self, staff: StaffId) -> Value {
        json!({
            "staff_id": staff,
            "role": self.role.as_str(),
            "departments": self.departments(),
            "all_departments": self.grants == Grants::All,
        })
    }
}

/// An account as it is.
#[derive(sqlx::FromRow)]
struct Account {
    email: String,
    name: String,
    role: String,
    all_departments: bool,
    departments: Vec<Uuid>,
    is_disabled: bool,
    is_accepted: bool,
}

impl Account {
    fn grants(&self) -> Grants {
        if self.all_departments {
            Grants::All
        } else {
            Grants::Only(self.departments.iter().copied().map(DepartmentId).collect())
        }
    }
}

/// Administrators are locked first and in one order, so that no two who take each other's role away
/// at the same time can both see the other remain.
const LOCK_ADMINS: &str = "
    SELECT id FROM staff WHERE facility_id = $1 AND (role = 'ADMIN' OR id = $2)
    ORDER BY id FOR NO KEY UPDATE";

const SELECT: &str = "
    SELECT s.email, s.name, s.role, s.all_departments, s.disabled_at IS NOT NULL AS is_disabled,
           s.email_verified_at IS NOT NULL AS is_accepted,
           ARRAY(SELECT d.department_id FROM staff_department d WHERE d.staff_id = s.id
                 ORDER BY d.department_id) AS departments
    FROM staff s WHERE s.id = $1 AND s.facility_id = $2";

/// The account, locked, if the administrator may change it.
async fn lock(connection: &mut PgConnection, by: &By, staff: StaffId) -> Result<Account, Problem> {
    sqlx::query(LOCK_ADMINS)
        .bind(by.facility.0)
        .bind(staff.0)
        .execute(&mut *connection)
        .await?;
    let account: Option<Account> = sqlx::query_as(SELECT)
        .bind(staff.0)
        .bind(by.facility.0)
        .fetch_optional(connection)
        .await?;
    let account = account.ok_or(Problem::new(ApiCode::UnknownStaff))?;
    by.has(&account.grants())?;
    Ok(account)
}

/// Refuses a change after which nobody could administer the facility, or nobody all of it who
/// could before.
async fn somebody_remains(
    connection: &mut PgConnection,
    by: &By,
    account: &Account,
) -> Result<(), Problem> {
    if account.role != Role::Admin.as_str() {
        return Ok(());
    }
    let (any, everywhere): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE all_departments) FROM staff
         WHERE facility_id = $1 AND role = 'ADMIN' AND disabled_at IS NULL
           AND email_verified_at IS NOT NULL",
    )
    .bind(by.facility.0)
    .fetch_one(connection)
    .await?;
    if any == 0 || (account.all_departments && everywhere == 0) {
        return Err(Problem::new(ApiCode::LastAdmin));
    }
    Ok(())
}

/// Gives an account another name, role or other departments. What it may do changes within seconds,
/// also on open streams.
///
/// # Errors
/// `unknown_staff`, `last_admin`, `forbidden`, `unknown_department`.
pub async fn change(
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
    wanted: &Wanted,
) -> Result<(), Problem> {
    let account = lock(connection, by, staff).await?;
    by.has(&wanted.grants)?;
    sqlx::query("UPDATE staff SET name = $2, role = $3, all_departments = $4 WHERE id = $1")
        .bind(staff.0)
        .bind(&wanted.name)
        .bind(wanted.role.as_str())
        .bind(wanted.grants == Grants::All)
        .execute(&mut *connection)
        .await?;
    give_departments(connection, by, staff, wanted).await?;
    somebody_remains(connection, by, &account).await?;
    let mut facts = wanted.facts(staff);
    facts["role_before"] = account.role.as_str().into();
    facts["departments_before"] = json!(account.departments);
    facts["all_departments_before"] = account.all_departments.into();
    let kind = if account.role == wanted.role.as_str() && account.grants() != wanted.grants {
        FactKind::GrantsChanged
    } else {
        FactKind::StaffChanged
    };
    tell(connection, by, kind, facts).await
}

/// Disables an account: its sessions end, and nobody signs in to it. Disabling it twice is once.
///
/// # Errors
/// `unknown_staff`, `last_admin`, `forbidden`.
pub async fn disable(
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
) -> Result<(), Problem> {
    let account = lock(connection, by, staff).await?;
    if account.is_disabled {
        return Ok(());
    }
    switch_off(connection, staff).await?;
    somebody_remains(connection, by, &account).await?;
    for purpose in [Purpose::Invitation, Purpose::Reset] {
        single_use::revoke(connection, purpose, staff, clock::now()).await?;
    }
    let ending = by.ending(EndReason::AccountDisabled);
    let ended = end_all_as(connection, staff, &ending, None).await?;
    let facts = json!({ "staff_id": staff, "sessions_ended": ended });
    tell(connection, by, FactKind::StaffDisabled, facts).await
}

/// Lets the owner of a disabled account in again.
///
/// # Errors
/// `unknown_staff`, `forbidden`.
pub async fn enable(connection: &mut PgConnection, by: &By, staff: StaffId) -> Result<(), Problem> {
    let account = lock(connection, by, staff).await?;
    if !account.is_disabled {
        return Ok(());
    }
    sqlx::query("UPDATE staff SET disabled_at = NULL WHERE id = $1")
        .bind(staff.0)
        .execute(&mut *connection)
        .await?;
    tell(
        connection,
        by,
        FactKind::StaffEnabled,
        json!({ "staff_id": staff }),
    )
    .await
}

/// Takes the second factor of somebody away who lost it; their sessions end. The password alone is
/// not what lets them in again: as when the account was made, an administrator asks for it and the
/// owner proves to read the account's mail, by setting a new password with a link.
///
/// # Errors
/// `unknown_staff`, `no_second_factor`, `forbidden`.
pub async fn remove_second_factor(
    app: &App,
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
) -> Result<(), Problem> {
    let account = lock(connection, by, staff).await?;
    if !second_factor::remove(connection, staff).await? {
        return Err(Problem::new(ApiCode::NoSecondFactor));
    }
    sqlx::query(
        "UPDATE staff SET password_hash = NULL, initial_password_until = NULL WHERE id = $1",
    )
    .bind(staff.0)
    .execute(&mut *connection)
    .await?;
    // A disabled account has no owner to write to.
    if let Some(person) = Person::by_id(connection, staff).await? {
        mail_requests::reset(app, connection, &person, Reset::Demanded).await?;
    }
    let mail = Mail::SecondFactorChanged {
        name: account.name,
        enabled: false,
        changed_at: clock::now(),
    };
    mail::enqueue(connection, &account.email, &mail).await?;
    let ending = by.ending(EndReason::SecondFactorChanged);
    end_all_as(connection, staff, &ending, None).await?;
    let facts = json!({ "staff_id": staff, "change": "removed" });
    tell(connection, by, FactKind::SecondFactorChanged, facts).await
}

impl By {
    fn ending(&self, reason: EndReason) -> Ending<'_> {
        Ending {
            reason,
            by: Some(&self.actor),
            trace_id: self.trace_id.clone(),
        }
    }
}

async fn switch_off(connection: &mut PgConnection, staff: StaffId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE staff SET disabled_at = $2 WHERE id = $1")
        .bind(staff.0)
        .bind(clock::now())
        .execute(connection)
        .await?;
    Ok(())
}

/// Rows that stay are left alone: each change of one ends the account's access tokens.
async fn give_departments(
    connection: &mut PgConnection,
    by: &By,
    staff: StaffId,
    wanted: &Wanted,
) -> Result<(), Problem> {
    let departments = wanted.departments();
    let known: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM department WHERE facility_id = $1 AND id = ANY($2)",
    )
    .bind(by.facility.0)
    .bind(&departments)
    .fetch_one(&mut *connection)
    .await?;
    if usize::try_from(known) != Ok(departments.len()) {
        return Err(Problem::new(RejectionCode::UnknownDepartment));
    }
    sqlx::query("DELETE FROM staff_department WHERE staff_id = $1 AND department_id <> ALL($2)")
        .bind(staff.0)
        .bind(&departments)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO staff_department (staff_id, department_id) SELECT $1, unnest($2::uuid[])
         ON CONFLICT DO NOTHING",
    )
    .bind(staff.0)
    .bind(&departments)
    .execute(connection)
    .await?;
    Ok(())
}

async fn tell(
    connection: &mut PgConnection,
    by: &By,
    kind: FactKind,
    facts: Value,
) -> Result<(), Problem> {
    let mut fact = Fact::new(kind, Some(by.facility), by.actor.clone());
    fact.trace_id.clone_from(&by.trace_id);
    fact.facts = facts;
    audit::append(connection, &fact).await?;
    Ok(())
}
