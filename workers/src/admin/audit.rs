//! `admin audit`.

use super::{Answer, Progress};
use crate::audit::{Finding, Report, Root, RootKey, note, read_roots, verify_telling};
use anyhow::Context as _;
use medique_platform::clock;
use medique_platform::config::Env;
use sqlx::PgPool;
use std::path::PathBuf;

/// Check the audit trail.
#[derive(Debug, clap::Subcommand)]
pub enum Audit {
    /// Check every chain from its first row to its head, and against the signed roots, and name each
    /// bad row; exit code 3 when there is one. Signatures are checked with MEDIQUE_AUDIT_SIGNING_KEY when it is set.
    Verify {
        /// Signed roots that were kept elsewhere, as `admin audit roots --json` printed them.
        #[arg(long)]
        roots: Option<PathBuf>,
        /// Public half of the signing key (Ed25519, PEM), for who has no private one.
        #[arg(long)]
        public_key: Option<PathBuf>,
    },
    /// Print the signed roots, to be kept where the database's owner cannot change them.
    Roots,
}

impl Audit {
    /// The key that `verify` may find in the environment.
    ///
    /// # Errors
    /// The variable holds something else.
    pub(super) fn key(env: &mut Env) -> Option<RootKey> {
        let secret = env.secret("MEDIQUE_AUDIT_SIGNING_KEY")?;
        let key = RootKey::of(&secret);
        if key.is_err() {
            env.problem("MEDIQUE_AUDIT_SIGNING_KEY: is not an Ed25519 key in PKCS#8 PEM");
        }
        key.ok()
    }

    pub(super) async fn run(self, pool: &PgPool, key: Option<RootKey>) -> anyhow::Result<Answer> {
        match self {
            Self::Verify { roots, public_key } => {
                let kept = roots.map(kept_roots).transpose()?.unwrap_or_default();
                let key = match public_key {
                    Some(path) => Some(public(&path)?),
                    None => key,
                };
                let progress = Progress::of("rows read");
                let begun = clock::now();
                let report =
                    verify_telling(pool, key.as_ref(), kept, &|done, of| progress.set(done, of))
                        .await?;
                drop(progress);
                // For the screens. Whoever may only read can check all the same.
                let noted = note(pool, &report, begun).await;
                Ok(Answer {
                    text: text_of(&report, noted.is_ok()),
                    json: serde_json::to_value(&report)?,
                    in_order: report.findings.is_empty(),
                })
            }
            Self::Roots => {
                let roots = read_roots(pool).await?;
                let lines = roots
                    .iter()
                    .map(|root| format!("{}\n{}", root.heads, root.signature));
                Ok(Answer::ok(
                    lines.collect::<Vec<_>>().join("\n"),
                    serde_json::to_value(&roots)?,
                ))
            }
        }
    }
}

fn kept_roots(path: PathBuf) -> anyhow::Result<Vec<Root>> {
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| {
        format!(
            "{}: not what `admin audit roots --json` prints",
            path.display()
        )
    })
}

fn public(path: &PathBuf) -> anyhow::Result<RootKey> {
    let pem = std::fs::read(path).with_context(|| path.display().to_string())?;
    RootKey::from_public_pem(&pem)
        .with_context(|| format!("{}: not an Ed25519 public key in PEM", path.display()))
}

fn text_of(report: &Report, is_noted: bool) -> String {
    let signatures = if report.signatures_checked || report.roots == 0 {
        ""
    } else {
        " (signatures not checked: no key was given)"
    };
    let (rows, roots) = (report.rows, report.roots);
    let mut lines = vec![format!("{rows} rows, {roots} signed roots{signatures}")];
    if report.findings.is_empty() {
        lines.push("every chain is whole".to_owned());
    }
    lines.extend(report.findings.iter().map(line_of));
    if !is_noted {
        lines.push("(not noted for the screens: this role may not write)".to_owned());
    }
    lines.join("\n")
}

fn line_of(finding: &Finding) -> String {
    let place = match (finding.partition, finding.chain_seq) {
        (Some(partition), Some(seq)) => format!("partition {partition}, row {seq}"),
        _ => "signed roots".to_owned(),
    };
    let event = finding
        .event_id
        .map(|id| format!(", event {id}"))
        .unwrap_or_default();
    format!(
        "{place}{event}: {:?}: {}",
        finding.tampering, finding.problem
    )
}
