//! Who may read what. Grants come from the token; that a department belongs to the caller's
//! facility comes from the database.

use crate::auth::Caller;
use crate::problem::Problem;
use medique_contracts::actor::Grants;
use medique_contracts::ids::DepartmentId;
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, RejectionCode};
use medique_domain::permissions::{sees_board, sees_department};
use sqlx::PgPool;
use uuid::Uuid;

/// Lets staff look into the queue of a department.
///
/// # Errors
/// `forbidden`, `unknown_department`, `database_unavailable`.
pub async fn to_department(
    pool: &PgPool,
    caller: &Caller,
    department: DepartmentId,
) -> Result<(), Problem> {
    allowed(sees_department(&caller.actor, department))?;
    in_facility(pool, caller, department).await
}

/// Lets boards and staff look at the board of a department.
///
/// # Errors
/// `forbidden`, `unknown_department`, `database_unavailable`.
pub async fn to_board(
    pool: &PgPool,
    caller: &Caller,
    department: DepartmentId,
) -> Result<(), Problem> {
    allowed(sees_board(&caller.actor, department))?;
    in_facility(pool, caller, department).await
}

/// Lets admins pass.
///
/// # Errors
/// `forbidden`.
pub fn to_admin(caller: &Caller) -> Result<(), Problem> {
    allowed(caller.is_admin())
}

/// Lets those pass who hand out check-in links: admins and the desk.
///
/// # Errors
/// `forbidden`.
pub fn to_desk(caller: &Caller) -> Result<(), Problem> {
    allowed(caller.is_admin() || caller.role() == Some(Role::Reception))
}

/// Lets the given roles pass and says in which departments they act: the ids for a statement, none
/// for all of the facility.
///
/// # Errors
/// `forbidden`.
pub fn departments_of(caller: &Caller, boards_too: bool) -> Result<Option<Vec<Uuid>>, Problem> {
    match &caller.actor {
        Actor::Staff {
            role, departments, ..
        } if boards_too || *role != Role::Display => Ok(match departments {
            Grants::All => None,
            Grants::Only(list) => Some(list.iter().map(|id| id.0).collect()),
        }),
        _ => Err(Problem::new(RejectionCode::Forbidden)),
    }
}

fn allowed(allowed: bool) -> Result<(), Problem> {
    if allowed {
        Ok(())
    } else {
        Err(Problem::new(RejectionCode::Forbidden))
    }
}

async fn in_facility(
    pool: &PgPool,
    caller: &Caller,
    department: DepartmentId,
) -> Result<(), Problem> {
    let known: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM department WHERE id = $1 AND facility_id = $2)",
    )
    .bind(department.0)
    .bind(caller.facility_id.0)
    .fetch_one(pool)
    .await?;
    if known {
        Ok(())
    } else {
        Err(Problem::new(RejectionCode::UnknownDepartment))
    }
}
