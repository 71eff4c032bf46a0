//! Whether the audit trail is whole, as far as the last check saw it.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::access;
use crate::read::page::{Fresh, fresh};
use crate::read::time::Instant;
use crate::routes::Group;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::types::Json;
use std::collections::BTreeMap;

const SELECT: &str = "
    SELECT checked_at, row_count, roots, signatures_checked, ends, finding_count, findings
    FROM audit_verification";

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum TrailState {
    /// Nobody has checked yet.
    Unchecked,
    /// Every chain is whole.
    Whole,
    /// Something was changed, dropped, reordered or inserted.
    Tampered,
}

/// How far a chain was read.
#[derive(Debug, PartialEq, Eq, Object)]
pub struct CheckedChain {
    /// The chain.
    pub partition: i16,
    /// Position of its last row that was checked; what came later was not.
    pub chain_seq: i64,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, Deserialize, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct TrailFinding {
    /// `changed`, `dropped`, `reordered`, `inserted`, or `root`: a signed root is not ours.
    pub tampering: String,
    /// The chain; absent for a signed root.
    pub partition: Option<i16>,
    /// Position of the row, or of the first missing one.
    pub chain_seq: Option<i64>,
    /// In words.
    pub problem: String,
}

/// What the last check of the audit trail found.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Verification {
    /// Whether it found the trail whole.
    pub state: TrailState,
    /// When it was checked; absent when nobody has yet.
    pub checked_at: Option<Instant>,
    /// Rows that were checked, of the whole installation.
    pub rows: i64,
    /// Signed roots that they were held against.
    pub roots: i32,
    /// Whether the signatures of the roots were checked: that needs the key.
    pub signatures_checked: bool,
    /// How far each chain was read.
    pub chains: Vec<CheckedChain>,
    /// How many things are wrong.
    pub finding_count: i64,
    /// The first of them, at most 100.
    pub findings: Vec<TrailFinding>,
}

#[derive(FromRow)]
struct VerificationRow {
    checked_at: DateTime<Utc>,
    row_count: i64,
    roots: i32,
    signatures_checked: bool,
    ends: Json<BTreeMap<i16, i64>>,
    finding_count: i64,
    findings: Json<Vec<TrailFinding>>,
}

/// Checks of the audit trail.
pub struct AuditVerificationApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl AuditVerificationApi {
    /// What the last check of the audit trail found, for admins
    ///
    /// Workers check all chains once an hour, `medique-worker admin audit verify` does it at once.
    /// It tells of chains and positions, never of what a row says.
    #[oai(
        path = "/audit/verification",
        method = "get",
        operation_id = "read_audit_verification"
    )]
    async fn verification(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
    ) -> Result<Fresh<Verification>, Problem> {
        access::to_admin(&caller)?;
        let row: Option<VerificationRow> = sqlx::query_as(SELECT).fetch_optional(&app.pool).await?;
        Ok(fresh(view(row)))
    }
}

fn view(row: Option<VerificationRow>) -> Verification {
    let Some(row) = row else {
        return Verification {
            state: TrailState::Unchecked,
            checked_at: None,
            rows: 0,
            roots: 0,
            signatures_checked: false,
            chains: Vec::new(),
            finding_count: 0,
            findings: Vec::new(),
        };
    };
    let chain = |(partition, chain_seq)| CheckedChain {
        partition,
        chain_seq,
    };
    Verification {
        state: match row.finding_count {
            0 => TrailState::Whole,
            _ => TrailState::Tampered,
        },
        checked_at: Some(row.checked_at.into()),
        rows: row.row_count,
        roots: row.roots,
        signatures_checked: row.signatures_checked,
        chains: row.ends.0.into_iter().map(chain).collect(),
        finding_count: row.finding_count,
        findings: row.findings.0,
    }
}
