//! Ways around the count, and what is left of it.

use super::{WRONG, from, hospital};
use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::await_until;
use medique_tests::client::send;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// An account of one's own behind a blocked address is no way to lift the block: a success takes
/// back what it counted, and nothing that others did.
#[tokio::test]
async fn an_own_account_lifts_no_block_of_its_address() -> Result<()> {
    let hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "300")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let address = "192.0.2.77";
    let own = || from(&anonymous, address, &nurse.email, &nurse.password);
    own().await?.expect(200)?;
    for number in 0..8 {
        let email = format!("name{number}@test.example");
        from(&anonymous, address, &email, WRONG)
            .await?
            .expect(401)?;
    }
    for number in 0..3 {
        own().await?.expect(200)?;
        let request = nurse
            .client
            .request(Method::POST, "/api/v1/auth/second-factor/enrol")
            .header("X-Forwarded-For", address)
            .json(&json!({ "password": nurse.password }));
        send("enrol", request).await?.expect(200)?;
        let email = format!("other{number}@test.example");
        let sprayed = from(&anonymous, address, &email, WRONG).await?;
        sprayed.problem(429, "too_many_requests")?;
    }
    hospital.passes().await?;
    Ok(())
}

/// Whoever holds an access token guesses its owner's password no faster than anybody else, from
/// however many addresses.
#[tokio::test]
async fn a_token_is_no_way_around_the_count() -> Result<()> {
    let hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "300")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?; // at home on 127.0.0.1
    let prove = |address: String, password: &str| {
        let request = nurse
            .client
            .request(Method::POST, "/api/v1/auth/second-factor/enrol")
            .header("X-Forwarded-For", &address)
            .json(&json!({ "password": password }));
        async move { send(&format!("proof from {address}"), request).await }
    };
    for number in 0..5 {
        let answer = prove(format!("198.51.100.{number}"), WRONG).await?;
        answer.problem(401, "invalid_credentials")?;
    }
    for password in [WRONG, nurse.password.as_str()] {
        let answer = prove("203.0.113.7".to_owned(), password).await?;
        answer.problem(429, "too_many_requests")?;
    }
    prove("127.0.0.1".to_owned(), &nurse.password)
        .await?
        .expect(200)?;
    // the code that confirms a second factor is no easier to guess
    let confirm = |code: &str| {
        let request = nurse
            .client
            .request(Method::POST, "/api/v1/auth/second-factor/confirm")
            .json(&json!({ "code": code }));
        async move { send("confirm", request).await }
    };
    for _ in 0..3 {
        let answer = confirm("none").await?;
        ensure!(matches!(answer.status, 401 | 429), "{answer}");
    }
    let answer = confirm("none").await?;
    answer.problem(429, "too_many_requests")?;
    let told = "SELECT count(*) FROM audit WHERE facts LIKE '%second_factor_failed%'";
    ensure!(hospital.count(told).await? == 3);
    hospital.passes().await?;
    Ok(())
}

/// Whoever guesses names does not fill the database: counters go when they count no more.
#[tokio::test]
async fn counters_that_are_over_are_deleted() -> Result<()> {
    let hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "1")
        .api("MEDIQUE_LOGIN_BLOCK_MAX_S", "1")
        .api("MEDIQUE_LOGIN_FORGET_S", "2")
        .start()
        .await?;
    let anonymous = hospital.anonymous()?;
    from(&anonymous, "192.0.2.1", "nobody@test.example", WRONG)
        .await?
        .expect(401)?;
    ensure!(
        hospital
            .count("SELECT count(*) FROM login_throttle")
            .await?
            >= 3
    );
    await_until::holds("they are deleted", Duration::from_secs(40), || async {
        let left = hospital
            .count("SELECT count(*) FROM login_throttle")
            .await?;
        Ok(left == 0)
    })
    .await?;
    hospital.passes().await?;
    Ok(())
}

/// The owner hears of a sign-in from where the account was never used, once.
#[tokio::test]
async fn the_owner_hears_of_a_new_place() -> Result<()> {
    let hospital = hospital().start().await?;
    let nurse = hospital.local(Role::Nurse).await?; // the first place of all is no news
    ensure!(hospital.waiting_mails(&nurse.email).await?.is_empty());
    let anonymous = hospital.anonymous()?;
    for _ in 0..2 {
        from(&anonymous, "127.0.0.1", &nurse.email, &nurse.password)
            .await?
            .expect(200)?;
        from(&anonymous, "203.0.113.9", &nurse.email, &nurse.password)
            .await?
            .expect(200)?;
    }
    from(&anonymous, "203.0.113.10", &nurse.email, WRONG)
        .await?
        .expect(401)?;
    let mails = hospital.waiting_mails(&nurse.email).await?;
    ensure!(mails.len() == 1, "{mails:?}");
    ensure!(
        mails[0]["kind"] == "new_place" && mails[0]["address"] == "203.0.113.9",
        "{mails:?}"
    );
    hospital.passes().await?;
    Ok(())
}
