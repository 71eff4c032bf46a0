//! Ending sessions: always a row that says when and why, and a fact in the audit.

use super::secret::Hash;
use crate::auth::trail;
use medique_contracts::ids::{FacilityId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// The person ended it from another session.
    EndedByOwner,
    /// An administrator ended it.
    EndedByAdmin,
    /// The account had too many sessions; this one was not used for the longest time.
    TooMany,
    /// It was not used for too long.
    Idle,
    /// It was as old as sessions get.
    Expired,
    /// A refresh token was used twice: somebody has a copy.
    RefreshReused,
    /// The account was disabled.
    AccountDisabled,
    /// The password was changed.
    PasswordChanged,
    /// The password was set anew by a link.
    PasswordReset,
    /// The role or the departments of the account changed.
    AccessChanged,
    /// A second factor was added, changed or removed.
    SecondFactorChanged,
    /// The role needs a second factor by now, and the person signed in without one.
    SecondFactorRequired,
}

impl EndReason {
    /// The word in the database and in the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedByOwner => "ended_by_owner",
            Self::EndedByAdmin => "ended_by_admin",
            Self::TooMany => "too_many",
            Self::Idle => "idle",
            Self::Expired => "expired",
            Self::RefreshReused => "refresh_reused",
            Self::AccountDisabled => "account_disabled",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::AccessChanged => "access_changed",
            Self::SecondFactorChanged => "second_factor_changed",
            Self::SecondFactorRequired => "second_factor_required",
        }
    }
}

/// Why, by whom and in which request sessions end.
#[derive(Debug, Clone)]
pub struct Ending<'a> {
    /// Why.
    pub reason: EndReason,
    /// [`Actor::key`](medique_contracts::Actor::key) of whoever ends them; none for the account's
    /// owner.
    pub by: Option<&'a str>,
    /// Trace of the request.
    pub trace_id: Option<String>,
}

/// A session that was ended just now.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Ended {
    pub(super) id: Uuid,
    staff_id: Uuid,
    facility_id: Uuid,
}

// Rows are locked in the order of their ids, so that two such statements cannot deadlock.
const END_ALL: &str = "
    UPDATE session SET ended_at = now(), end_reason = $3
    WHERE id IN (SELECT id FROM session
                 WHERE staff_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2
                 ORDER BY id FOR NO KEY UPDATE)
    RETURNING id, staff_id, facility_id";

const END_ONE: &str = "
    UPDATE session SET ended_at = now(), end_reason = $3
    WHERE id = $1 AND staff_id = $2 AND ended_at IS NULL
    RETURNING id, staff_id, facility_id";

/// Ends every session of an account, save `except`; gives how many ended. For the account's own
/// doings; [`end_all_as`] names somebody else.
///
/// # Errors
/// The database's.
pub async fn end_all(
    connection: &mut PgConnection,
    staff: StaffId,
    reason: EndReason,
    except: Option<Uuid>,
) -> Result<u64, sqlx::Error> {
    let ending = Ending {
        reason,
        by: None,
        trace_id: None,
    };
    end_all_as(connection, staff, &ending, except).await
}

/// Ends every session of an account, save `except`; gives how many ended.
///
/// # Errors
/// The database's.
pub async fn end_all_as(
    connection: &mut PgConnection,
    staff: StaffId,
    ending: &Ending<'_>,
    except: Option<Uuid>,
) -> Result<u64, sqlx::Error> {
    let ended: Vec<Ended> = sqlx::query_as(END_ALL)
        .bind(staff.0)
        .bind(except)
        .bind(ending.reason.as_str())
        .fetch_all(&mut *connection)
        .await?;
    tell(connection, &ended, ending).await?;
    Ok(ended.len() as u64)
}

/// Ends one live session of an account; false when there is none.
///
/// # Errors
/// The database's.
pub async fn end_one(
    connection: &mut PgConnection,
    staff: StaffId,
    session: Uuid,
    ending: &Ending<'_>,
) -> Result<bool, sqlx::Error> {
    let ended: Option<Ended> = sqlx::query_as(END_ONE)
        .bind(session)
        .bind(staff.0)
        .bind(ending.reason.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    tell(connection, ended.as_slice(), ending).await?;
    Ok(ended.is_some())
}

/// The account and the session that a refresh token belongs to, used or not.
///
/// # Errors
/// The database's.
pub async fn owner_of(pool: &PgPool, token: &Hash) -> Result<Option<(StaffId, Uuid)>, sqlx::Error> {
    let owner: Option<(Uuid, Uuid)> = sqlx::query_as(
        "SELECT s.staff_id, s.id FROM refresh_token t JOIN session s ON s.id = t.session_id
         WHERE t.hash = $1",
    )
    .bind(&token[..])
    .fetch_optional(pool)
    .await?;
    Ok(owner.map(|(staff, session)| (StaffId(staff), session)))
}

/// Puts the end of sessions into the audit.
pub(super) async fn tell(
    connection: &mut PgConnection,
    ended: &[Ended],
    ending: &Ending<'_>,
) -> Result<(), sqlx::Error> {
    for session in ended {
        let facility = FacilityId(session.facility_id);
        let owner = format!("staff:{}", session.staff_id);
        let facts = serde_json::json!({
            "session_id": session.id,
            "staff_id": session.staff_id,
            "reason": ending.reason.as_str(),
        });
        let entry = trail::Entry {
            kind: trail::FactKind::SessionEnded,
            facility,
            actor: ending.by.unwrap_or(&owner),
            trace_id: ending.trace_id.clone(),
            facts,
            detail: None,
        };
        trail::record(connection, entry).await?;
    }
    Ok(())
}
