//! What an issuer is believed, and what not. The way to it: whoever stands in it without a certificate of the right authority, for the
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

/// Where a role needs a second factor, the issuer has to say that one was shown.
#[tokio::test]
async fn a_role_that_needs_a_second_factor_needs_it_from_the_issuer_as_well() -> Result<()> {
    let mut hospital = Hospital::builder()
        .departments(1, 0)
        .api("MEDIQUE_TOTP_REQUIRED_ROLES", "NURSE")
        .start()
        .await?;
    let key = IssuerKey::random(Algorithm::EdDSA)?;
    let issuer = Issuer::start().await?;
    issuer.publish(&[&key])?;
    let there = trusting(&mut hospital, &[(&issuer, json!({}))]).await?;
    let mut claims = issuer.claims("alice");
    for (amr, status) in [
        (json!(null), 401),
        (json!(["pwd"]), 401),
        (json!(["pwd", "mfa"]), 200),
    ] {
        claims["amr"] = amr;
        let nurse = there.with_token(key.sign(&claims)?);
        nurse.get("/departments").await?.expect(status)?;
    }
    hospital.passes().await?;
    Ok(())
}
