//! `admin audit`.

use super::Answer;
use crate::audit::verify;
use sqlx::PgPool;

/// Check the audit trail.
#[derive(Debug, clap::Subcommand)]
pub enum Audit {
    /// Check every chain from its first row to its head; exit code 1 names the first bad row.
    Verify,
}

impl Audit {
    pub(super) async fn run(self, pool: &PgPool) -> anyhow::Result<Answer> {
        let Self::Verify = self;
        let (rows, findings) = verify(pool).await?;
        let text = if findings.is_empty() {
            format!("{rows} rows verified, every chain is whole")
        } else {
            let lines = findings.iter().map(|finding| {
                format!(
                    "partition {}, row {}: {}",
                    finding.partition, finding.chain_seq, finding.problem
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        let json = serde_json::json!({ "rows": rows, "findings": findings });
        Ok(Answer {
            text,
            json,
            success: findings.is_empty(),
        })
    }
}
