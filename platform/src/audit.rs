//! The audit trail: append-only, hash-chained.
//!
//! Each row holds `hash = SHA-256(prev_hash || canonical row)`, the first `prev_hash` of a chain
//! being empty. There is a chain for each partition of the commands (ids from 0), written by the
//! partition's owner behind its fence, and [`FACT_CHAINS`] for facts that no command caused
//! (sign-ins, grants, links, exports, reads), appended by [`append`]. Anybody with the rows can
//! check a chain: [`ChainRow::hash`] is the whole algorithm.

mod fact;

pub use fact::{ANONYMOUS, FACT_CHAINS, Fact, FactKind, append, append_once};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The fields of an audit row that its hash covers, in the order in which they are hashed.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ChainRow {
    /// Chain that the row is part of: a partition, or one of [`FACT_CHAINS`].
    pub partition: i16,
    /// Position in the chain, from 1, without gaps.
    pub chain_seq: i64,
    /// Id of the event and of the row.
    pub event_id: Uuid,
    /// Facility; nil when the fact belongs to none (a sign-in with an unknown address).
    pub facility_id: Uuid,
    /// Department, when the fact concerns one.
    pub department_id: Option<Uuid>,
    /// Visit, when the fact concerns one.
    pub visit_id: Option<Uuid>,
    /// Version of the visit after the fact, when the fact changed it.
    pub version: Option<i64>,
    /// Kind of the event.
    pub event_type: String,
    /// Who asked.
    pub actor: String,
    /// The command; nil when no command caused the fact.
    pub command_id: Uuid,
    /// When it was decided.
    pub occurred_at: DateTime<Utc>,
    /// Trace.
    pub trace_id: Option<String>,
    /// Facts as published, JSON.
    pub facts: String,
    /// What is kept beside the facts, JSON.
    pub detail: Option<String>,
}

impl ChainRow {
    /// The hash of this row after `prev_hash`. Every field is preceded by its length in bytes
    /// (8 bytes, big-endian; all ones for an absent one), so no two rows have the same bytes.
    pub fn hash(&self, prev_hash: &[u8]) -> Vec<u8> {
        let mut hasher = Sha256::new();
        let mut field = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => {
                hasher.update((bytes.len() as u64).to_be_bytes());
                hasher.update(bytes);
            }
            None => hasher.update(u64::MAX.to_be_bytes()),
        };
        field(Some(prev_hash));
        field(Some(&self.partition.to_be_bytes()));
        field(Some(&self.chain_seq.to_be_bytes()));
        field(Some(self.event_id.as_bytes()));
        field(Some(self.facility_id.as_bytes()));
        field(self.department_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(self.visit_id.as_ref().map(|id| &id.as_bytes()[..]));
        field(
            self.version
                .as_ref()
                .map(|version| version.to_be_bytes())
                .as_ref()
                .map(|b| &b[..]),
        );
        field(Some(self.event_type.as_bytes()));
        field(Some(self.actor.as_bytes()));
        field(Some(self.command_id.as_bytes()));
        field(Some(&self.occurred_at.timestamp_micros().to_be_bytes()));
        field(self.trace_id.as_deref().map(str::as_bytes));
        field(Some(self.facts.as_bytes()));
        field(self.detail.as_deref().map(str::as_bytes));
        hasher.finalize().to_vec()
    }
}
