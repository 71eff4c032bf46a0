//! Facts that no command caused: appended inside the transaction of the change that they tell of,
//! so that neither stands without the other.

use super::ChainRow;
use crate::clock;
use medique_contracts::ids::{DepartmentId, FacilityId, VisitId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Row};
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Ids of the chains that facts are appended to; migration 0009 makes their rows.
pub const FACT_CHAINS: RangeInclusive<i16> = 100..=107;
/// The actor of a fact whose author is not known: a failed sign-in.
pub const ANONYMOUS: &str = "anonymous";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Somebody signed in.
    LoginSucceeded,
    /// Somebody tried to and could not.
    LoginFailed,
    /// Too many tries: an account or an address is refused for a while.
    LoginLocked,
    /// A wrong code of the second factor.
    SecondFactorFailed,
    /// A second factor was set up, taken away, or got new recovery codes.
    SecondFactorChanged,
    /// A session was ended by somebody, or by a limit.
    SessionEnded,
    /// A refresh token was used a second time: its family ended.
    RefreshReused,
    /// A reset of the password was asked for.
    PasswordResetRequested,
    /// A right password opened nothing because others know it: it has to be set anew.
    PasswordRefused,
    /// The password was set or changed.
    PasswordChanged,
    /// An account was made and its owner invited.
    StaffInvited,
    /// An account was made with a password, by an operator.
    StaffCreated,
    /// The owner of an account proved that the address is theirs.
    AddressVerified,
    /// Name, address or role of an account changed.
    StaffChanged,
    /// An account was disabled.
    StaffDisabled,
    /// A disabled account works again.
    StaffEnabled,
    /// The departments of an account changed.
    GrantsChanged,
    /// A check-in link was made.
    LinkCreated,
    /// A check-in link was revoked.
    LinkRevoked,
    /// Somebody looked at a visit's full record.
    VisitRecordRead,
    /// Somebody looked at the queue of a department: names and complaints.
    QueueRead,
    /// Somebody looked at the audit trail.
    AuditRead,
    /// Somebody read a whole message that was put aside.
    DeadLetterRead,
    /// A person's data was exported.
    PersonalDataExported,
    /// A person's data was made unreadable.
    PersonErased,
    /// A key was replaced.
    KeyRotated,
    /// An operator went on without what the broker's log had lost.
    LogLossAccepted,
    /// A facility was made.
    FacilityCreated,
    /// A message that was put aside was put into the stream again.
    DeadLetterRedriven,
    /// A message that was put aside was given up.
    DeadLetterDropped,
    /// A worker or a partition was told to rest.
    PartitionsDrained,
    /// A worker or a partition was told to go on.
    PartitionsResumed,
}

impl FactKind {
    /// The event type in the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoginSucceeded => "login_succeeded",
            Self::LoginFailed => "login_failed",
            Self::LoginLocked => "login_locked",
            Self::SecondFactorFailed => "second_factor_failed",
            Self::SecondFactorChanged => "second_factor_changed",
            Self::SessionEnded => "session_ended",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordRefused => "password_refused",
            Self::PasswordChanged => "password_changed",
            Self::StaffInvited => "staff_invited",
            Self::StaffCreated => "staff_created",
            Self::AddressVerified => "address_verified",
            Self::StaffChanged => "staff_changed",
            Self::StaffDisabled => "staff_disabled",
            Self::StaffEnabled => "staff_enabled",
            Self::GrantsChanged => "grants_changed",
            Self::LinkCreated => "link_created",
            Self::LinkRevoked => "link_revoked",
            Self::VisitRecordRead => "visit_record_read",
            Self::QueueRead => "queue_read",
            Self::AuditRead => "audit_read",
            Self::DeadLetterRead => "dead_letter_read",
            Self::PersonalDataExported => "personal_data_exported",
            Self::PersonErased => "person_erased",
            Self::KeyRotated => "key_rotated",
            Self::LogLossAccepted => "log_loss_accepted",
            Self::FacilityCreated => "facility_created",
            Self::DeadLetterRedriven => "dead_letter_redriven",
            Self::DeadLetterDropped => "dead_letter_dropped",
            Self::PartitionsDrained => "partitions_drained",
            Self::PartitionsResumed => "partitions_resumed",
        }
    }
}

/// A fact that is no command's.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What happened.
    pub kind: FactKind,
    /// Where; none for an account that nobody knows. Admins see the facts of their facility.
    pub facility_id: Option<FacilityId>,
    /// Who: the actor's key, or [`ANONYMOUS`].
    pub actor: String,
    /// The department concerned.
    pub department_id: Option<DepartmentId>,
    /// The visit concerned.
    pub visit_id: Option<VisitId>,
    /// Trace.
    pub trace_id: Option<String>,
    /// What there is to say, without personal data.
    pub facts: Value,
    /// What is kept beside the facts; may be personal, never a secret.
    pub detail: Option<Value>,
}

impl Fact {
    /// A fact about nothing in particular; set the fields that there is something to say for.
    pub fn new(kind: FactKind, facility_id: Option<FacilityId>, actor: impl Into<String>) -> Self {
        Self {
            kind,
            facility_id,
            actor: actor.into(),
            department_id: None,
            visit_id: None,
            trace_id: None,
            facts: Value::Object(serde_json::Map::new()),
            detail: None,
        }
    }
}

/// Appends a fact within the caller's transaction. Its chain stays locked until the transaction
/// ends: append last, and facts of one transaction under one actor (they share a chain), or two
/// transactions may wait for each other until Postgres ends one of them.
///
/// # Errors
/// The database does not answer, or refuses.
pub async fn append(connection: &mut PgConnection, fact: &Fact) -> Result<(), sqlx::Error> {
    let event_id = Uuid::now_v7();
    let head = lock(connection, fact, event_id).await?;
    write(connection, fact, event_id, head).await
}

/// Like [`append`], for a fact with an id of its own that may be told more than once: only the
/// first is written. Returns whether it was.
///
/// # Errors
/// As [`append`].
pub async fn append_once(
    connection: &mut PgConnection,
    fact: &Fact,
    event_id: Uuid,
) -> Result<bool, sqlx::Error> {
    // Looked for behind the lock, which everybody who tells this fact takes.
    let head = lock(connection, fact, event_id).await?;
    let known = sqlx::query("SELECT 1 FROM audit WHERE event_id = $1 AND partition >= 100")
        .bind(event_id)
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_some() {
        return Ok(false);
    }
    write(connection, fact, event_id, head).await.map(|()| true)
}

/// Where a chain ends.
struct Head {
    chain: i16,
    seq: i64,
    hash: Vec<u8>,
}

async fn lock(
    connection: &mut PgConnection,
    fact: &Fact,
    event_id: Uuid,
) -> Result<Head, sqlx::Error> {
    let chain = chain_of(&fact.actor, event_id);
    let row = sqlx::query(
        "SELECT chain_seq, chain_head FROM audit_chain WHERE id = $1 FOR NO KEY UPDATE",
    )
    .bind(chain)
    .fetch_one(connection)
    .await?;
    Ok(Head {
        chain,
        seq: row.try_get(0)?,
        hash: row.try_get(1)?,
    })
}

/// The facts of one actor share a chain, so they stand in their order. Those of nobody are spread,
/// or a flood of failed sign-ins would stand in one line.
fn chain_of(actor: &str, event_id: Uuid) -> i16 {
    let digest = match actor {
        ANONYMOUS => Sha256::digest(event_id.as_bytes()),
        actor => Sha256::digest(actor.as_bytes()),
    };
    let chains = FACT_CHAINS.end() - FACT_CHAINS.start() + 1;
    FACT_CHAINS.start() + i16::from(digest[0]) % chains
}

async fn write(
    connection: &mut PgConnection,
    fact: &Fact,
    event_id: Uuid,
    head: Head,
) -> Result<(), sqlx::Error> {
    let row = ChainRow {
        partition: head.chain,
        chain_seq: head.seq + 1,
        event_id,
        facility_id: fact.facility_id.map_or(Uuid::nil(), |id| id.0),
        department_id: fact.department_id.map(|id| id.0),
        visit_id: fact.visit_id.map(|id| id.0),
        version: None,
        event_type: fact.kind.as_str().to_owned(),
        actor: fact.actor.clone(),
        command_id: Uuid::nil(),
        occurred_at: clock::now(),
        trace_id: fact.trace_id.clone(),
        facts: fact.facts.to_string(),
        detail: fact.detail.as_ref().map(Value::to_string),
    };
    let hash = row.hash(&head.hash);
    // One statement, so one round trip under the lock.
    sqlx::query(
        "WITH moved AS (UPDATE audit_chain SET chain_seq = $2, chain_head = $5 WHERE id = $1) \
         INSERT INTO audit (partition, chain_seq, event_id, prev_hash, hash, facility_id, department_id, \
                            visit_id, version, event_type, actor, command_id, occurred_at, trace_id, \
                            facts, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(row.partition)
    .bind(row.chain_seq)
    .bind(row.event_id)
    .bind(&head.hash)
    .bind(&hash)
    .bind(row.facility_id)
    .bind(row.department_id)
    .bind(row.visit_id)
    .bind(&row.event_type)
    .bind(&row.actor)
    .bind(row.command_id)
    .bind(row.occurred_at)
    .bind(&row.trace_id)
    .bind(&row.facts)
    .bind(&row.detail)
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn one_actor_has_one_chain_and_nobody_has_all() {
        let chains = |actor: &str| -> BTreeSet<i16> {
            (0..200)
                .map(|n| chain_of(actor, Uuid::from_u128(n)))
                .collect()
        };
        assert_eq!(chains("staff:1").len(), 1);
        assert_eq!(chains(ANONYMOUS), FACT_CHAINS.collect());
    }
}
