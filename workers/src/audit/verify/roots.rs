//! Holds the trail against the signed roots: each says where every chain stood on its day. They
//! tell of what a chain itself cannot: an end that was cut off with the head set back, and rows
//! that were hashed anew up to the head.

use super::{Finding, Tampering};
use crate::audit::root::signing_key;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A signed root as it is stored, and as `admin audit roots` prints it to be kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Root {
    /// Where every chain stood: JSON exactly as signed.
    pub heads: String,
    /// Ed25519, base64.
    pub signature: String,
}

/// What is signed.
#[derive(Debug, Deserialize)]
struct Heads {
    day: String,
    heads: Vec<SignedHead>,
}

#[derive(Debug, Deserialize)]
struct SignedHead {
    partition: i16,
    chain_seq: i64,
    /// Base64.
    chain_head: String,
}

/// Checks signatures of roots.
pub struct RootKey(DecodingKey);

impl RootKey {
    /// The public half of the key that signs.
    ///
    /// # Errors
    /// It is not an Ed25519 key in PKCS#8 PEM.
    pub fn of(signing: &SecretString) -> Result<Self, jsonwebtoken::errors::Error> {
        let public = Jwk::from_encoding_key(&signing_key(signing)?, Algorithm::EdDSA)?;
        Ok(Self(DecodingKey::from_jwk(&public)?))
    }

    /// A public key in PEM.
    ///
    /// # Errors
    /// It is not an Ed25519 key.
    pub fn from_public_pem(pem: &[u8]) -> Result<Self, jsonwebtoken::errors::Error> {
        DecodingKey::from_ed_pem(pem).map(Self)
    }

    fn signed(&self, root: &Root) -> bool {
        let Ok(raw) = STANDARD.decode(&root.signature) else {
            return false;
        };
        // jsonwebtoken reads base64url without padding.
        let signature = URL_SAFE_NO_PAD.encode(raw);
        let heads = root.heads.as_bytes();
        jsonwebtoken::crypto::verify(&signature, heads, &self.0, Algorithm::EdDSA).unwrap_or(false)
    }
}

/// The roots of the database, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn read_roots(pool: &PgPool) -> Result<Vec<Root>, sqlx::Error> {
    sqlx::query_as("SELECT heads, signature FROM audit_root ORDER BY day")
        .fetch_all(pool)
        .await
}

pub(super) async fn check(
    pool: &PgPool,
    roots: &[Root],
    key: Option<&RootKey>,
    ends: &BTreeMap<i16, i64>,
    findings: &mut Vec<Finding>,
) -> Result<(), sqlx::Error> {
    let of_chains = |wanted: &dyn Fn(&Finding) -> bool| -> BTreeSet<i16> {
        let found = findings.iter().filter(|finding| wanted(finding));
        found.filter_map(|finding| finding.partition).collect()
    };
    let broken = of_chains(&|_| true);
    let shortened = of_chains(&|finding| finding.tampering == Tampering::Dropped);
    // One finding per chain: what follows a break differs from every later root too.
    let mut told = BTreeSet::new();
    for root in roots {
        let heads = match serde_json::from_str::<Heads>(&root.heads) {
            Ok(heads) if key.is_none_or(|key| key.signed(root)) => heads,
            Ok(heads) => {
                findings.push(forged(format!(
                    "the root of {} was not signed by us",
                    heads.day
                )));
                continue;
            }
            Err(_) => {
                findings.push(forged("a root cannot be read".to_owned()));
                continue;
            }
        };
        let hashes = hashes_at(pool, &heads.heads).await?;
        for signed in heads.heads.iter().filter(|signed| signed.chain_seq > 0) {
            let found = compare(signed, &heads.day, ends, &hashes);
            // A break that the chain itself shows is told already, unless the end is gone as well.
            let is_news = |finding: &Finding| match finding.tampering {
                Tampering::Dropped => !shortened.contains(&signed.partition),
                _ => !broken.contains(&signed.partition),
            };
            if let Some(finding) = found.filter(is_news)
                && told.insert(signed.partition)
            {
                findings.push(finding);
            }
        }
    }
    Ok(())
}

type Place = (i16, i64);

async fn hashes_at(
    pool: &PgPool,
    heads: &[SignedHead],
) -> Result<HashMap<Place, Vec<u8>>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT a.partition, a.chain_seq, a.hash FROM audit a \
           JOIN unnest($1::smallint[], $2::bigint[]) AS x(p, s) ON a.partition = x.p AND a.chain_seq = x.s",
    )
    .bind(heads.iter().map(|head| head.partition).collect::<Vec<_>>())
    .bind(heads.iter().map(|head| head.chain_seq).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?)))
        .collect()
}

fn compare(
    signed: &SignedHead,
    day: &str,
    ends: &BTreeMap<i16, i64>,
    hashes: &HashMap<Place, Vec<u8>>,
) -> Option<Finding> {
    let finding = |tampering, chain_seq, problem| Finding {
        tampering,
        partition: Some(signed.partition),
        chain_seq: Some(chain_seq),
        event_id: None,
        problem,
    };
    let end = ends.get(&signed.partition).copied().unwrap_or(0);
    if end < signed.chain_seq {
        let count = signed.chain_seq - end;
        let problem = format!("{count} dropped from the end: the root of {day} has seen them");
        return Some(finding(Tampering::Dropped, end + 1, problem));
    }
    let hash = hashes.get(&(signed.partition, signed.chain_seq));
    let same = hash.is_some_and(|hash| STANDARD.encode(hash) == signed.chain_head);
    (!same).then(|| {
        let problem = format!(
            "this row or one before it was changed and all behind it hashed anew: the root of {day} has seen another one"
        );
        finding(Tampering::Changed, signed.chain_seq, problem)
    })
}

fn forged(problem: String) -> Finding {
    Finding {
        tampering: Tampering::Root,
        partition: None,
        chain_seq: None,
        event_id: None,
        problem,
    }
}
