//! The way to the issuer: whoever stands in it without a certificate of the right authority, for the
//! right name, is not believed.

use super::trusting;
use anyhow::{Result, ensure};
use jsonwebtoken::Algorithm;
use medique_tests::Hospital;
use medique_tests::front::Authority;
use medique_tests::issuer::{Issuer, IssuerKey};
use serde_json::json;

#[tokio::test]
async fn an_issuer_is_believed_by_its_certificate_only() -> Result<()> {
    let mut hospital = Hospital::builder().departments(1, 0).start().await?;
    let (authority, unknown) = (Authority::new()?, Authority::new()?);
    let file = hospital.scratch.join("authority.pem");
    authority.write(&file)?;
    let trusted = || json!({ "ca_file": file });
    let key = IssuerKey::random(Algorithm::EdDSA)?;
    let mut issuers = Vec::new();
    for (certificate, more) in [
        (authority.certificate("localhost")?, trusted()),
        (authority.certificate("localhost")?, json!({})),
        (unknown.certificate("localhost")?, trusted()),
        (authority.certificate("sso.example")?, trusted()),
    ] {
        let issuer = Issuer::start_with_tls(certificate).await?;
        issuer.publish(&[&key])?;
        issuers.push((issuer, more));
    }
    let named: Vec<_> = issuers
        .iter()
        .map(|(issuer, more)| (issuer, more.clone()))
        .collect();
    let there = trusting(&mut hospital, &named).await?;
    for (number, (issuer, _)) in issuers.iter().enumerate() {
        let token = key.sign(&issuer.claims("alice"))?;
        let answer = there.with_token(token).get("/departments").await?;
        if number == 0 {
            answer.expect(200)?;
        } else {
            answer.problem(503, "issuer_unavailable")?;
            ensure!(
                issuer.fetched() == 0,
                "keys of issuer {number} were asked for"
            );
        }
    }
    hospital.passes().await?;
    Ok(())
}
