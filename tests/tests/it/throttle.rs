//! Guessing passwords gets slower and slower, on every replica and across restarts, and keeps nobody
//! out who is at home elsewhere.

mod around;

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use medique_contracts::vocabulary::Role;
use medique_tests::client::{Answer, Client, send};
use medique_tests::hospital::Builder;
use medique_tests::{Hospital, await_until};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

const WRONG: &str = "Wrong-7 under the gravel";

/// Limits that a test can reach.
fn hospital() -> Builder {
    Hospital::builder()
        .departments(1, 0)
        .api("MEDIQUE_LOGIN_PAIR_FAILURES", "3")
        .api("MEDIQUE_LOGIN_ACCOUNT_FAILURES", "5")
        .api("MEDIQUE_LOGIN_ADDRESS_FAILURES", "8")
        .api("MEDIQUE_TRUSTED_PROXIES", "127.0.0.1")
}

/// A try from an address, as the proxy in front of us tells it.
async fn from(client: &Client, address: &str, email: &str, password: &str) -> Result<Answer> {
    let body = json!({ "email": email, "password": password });
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .header("X-Forwarded-For", address)
        .json(&body);
    send(&format!("login from {address}"), request).await
}

fn retry_after(answer: &Answer) -> Result<u64> {
    let text = answer.header("retry-after").context("no Retry-After")?;
    Ok(text.parse()?)
}

/// A known and an unknown name get the same answers, on every replica and after a restart.
#[tokio::test]
async fn guessing_is_slowed_down_for_known_and_unknown_names_alike() -> Result<()> {
    let mut hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "60")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    for email in [nurse.email.as_str(), "nobody@test.example"] {
        for _ in 0..3 {
            let answer = from(&anonymous, "192.0.2.1", email, WRONG).await?;
            answer.problem(401, "invalid_credentials")?;
        }
        // whatever the password is now
        for password in [WRONG, nurse.password.as_str()] {
            let answer = from(&anonymous, "192.0.2.1", email, password).await?;
            let answer = answer.problem(429, "too_many_requests")?;
            ensure!((1..=61).contains(&retry_after(&answer)?), "{answer}");
        }
    }
    hospital.start_api("another")?;
    hospital.apis[0].process().kill9()?;
    hospital.apis[0].restart(&hospital.scratch)?;
    hospital.all_ready().await?;
    for api in &hospital.apis {
        let there = anonymous.at(&api.url());
        let answer = from(&there, "192.0.2.1", &nurse.email, &nurse.password).await?;
        answer.problem(429, "too_many_requests")?;
        // from home the account opens
        from(&there, "127.0.0.1", &nurse.email, &nurse.password)
            .await?
            .expect(200)?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_block_ends_doubles_and_is_cleared_by_a_success() -> Result<()> {
    let hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "1")
        .api("MEDIQUE_LOGIN_BLOCK_MAX_S", "2")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let judged = || async {
        await_until::until("a try is judged", Duration::from_secs(20), || async {
            let answer = from(&anonymous, "192.0.2.1", &nurse.email, WRONG).await?;
            Ok((answer.status == 401).then_some(()))
        })
        .await
    };
    for _ in 0..5 {
        judged().await?;
    }
    let answer = from(&anonymous, "192.0.2.1", &nurse.email, WRONG)
        .await?
        .expect(429)?;
    ensure!(
        (1..=3).contains(&retry_after(&answer)?),
        "longer than the longest: {answer}"
    );
    await_until::holds(
        "the right password opens",
        Duration::from_secs(20),
        || async {
            let answer = from(&anonymous, "192.0.2.1", &nurse.email, &nurse.password).await?;
            Ok(answer.status == 200)
        },
    )
    .await?;
    // all is forgotten that was counted against the account here
    for _ in 0..3 {
        from(&anonymous, "192.0.2.1", &nurse.email, WRONG)
            .await?
            .expect(401)?;
    }
    hospital.passes().await?;
    Ok(())
}

/// Somebody tries from many addresses: new ones are refused, and the owner at home is not.
#[tokio::test]
async fn nobody_is_kept_out_by_what_others_do_elsewhere() -> Result<()> {
    let hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "120")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?; // at home on 127.0.0.1
    let anonymous = hospital.anonymous()?;
    for number in 0..5 {
        let address = format!("198.51.100.{number}");
        from(&anonymous, &address, &nurse.email, WRONG)
            .await?
            .expect(401)?;
        from(&anonymous, &address, "nobody@test.example", WRONG)
            .await?
            .expect(401)?;
    }
    hospital.mail(&nurse.email, "sign_in_locked", 1).await?;
    hospital.mail_requests_are_done().await?;
    ensure!(
        hospital
            .waiting_mails("nobody@test.example")
            .await?
            .is_empty()
    );
    // elsewhere not even the right password opens, and nothing tells it from a wrong one
    for password in [WRONG, nurse.password.as_str()] {
        let answer = from(&anonymous, "203.0.113.7", &nurse.email, password).await?;
        answer.problem(429, "too_many_requests")?;
        let answer = from(&anonymous, "203.0.113.7", "nobody@test.example", password).await?;
        answer.problem(429, "too_many_requests")?;
    }
    // at home a wrong one is answered alike, and the right one opens
    let home = from(&anonymous, "127.0.0.1", &nurse.email, WRONG).await?;
    home.problem(429, "too_many_requests")?;
    from(&anonymous, "127.0.0.1", &nurse.email, &nurse.password)
        .await?
        .expect(200)?;
    hospital.passes().await?;
    Ok(())
}

/// Whoever tries one password on many names is slowed down, and the colleagues at the same address
/// are not.
#[tokio::test]
async fn one_address_cannot_try_many_names() -> Result<()> {
    let hospital = hospital()
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "120")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let address = "192.0.2.77";
    from(&anonymous, address, &nurse.email, &nurse.password)
        .await?
        .expect(200)?;
    let new = hospital.local(Role::Reception).await?;
    for number in 0..8 {
        let email = format!("name{number}@test.example");
        from(&anonymous, address, &email, WRONG)
            .await?
            .expect(401)?;
    }
    let sprayed = from(&anonymous, address, "name9@test.example", WRONG).await?;
    sprayed.problem(429, "too_many_requests")?;
    let answer = from(&anonymous, address, &new.email, &new.password).await?;
    answer.problem(429, "too_many_requests")?;
    from(&anonymous, address, &nurse.email, &nurse.password)
        .await?
        .expect(200)?;
    from(&anonymous, "192.0.2.78", &new.email, &new.password)
        .await?
        .expect(200)?;
    hospital.passes().await?;
    Ok(())
}

/// Tries at the same time are as many as tries one after another, and those that are not judged take
/// no turn.
#[tokio::test]
async fn many_tries_at_once_are_many_tries() -> Result<()> {
    let hospital = hospital()
        .apis(2)
        .api("MEDIQUE_LOGIN_BLOCK_FIRST_S", "120")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let tries = (0..40).map(|number| {
        let there = anonymous.at(&hospital.apis[number % 2].url());
        let email = nurse.email.clone();
        async move { from(&there, "192.0.2.5", &email, WRONG).await }
    });
    let answers = try_join_all(tries).await?;
    let judged = answers.iter().filter(|answer| answer.status == 401).count();
    ensure!(judged == 3, "{judged} tries were judged");
    ensure!(
        answers
            .iter()
            .all(|answer| matches!(answer.status, 401 | 429))
    );
    let facts = hospital
        .count("SELECT count(*) FROM audit WHERE event_type IN ('login_failed', 'login_locked')")
        .await?;
    ensure!(facts == 3, "{facts} facts");
    hospital.passes().await?;
    Ok(())
}

/// A flood of sign-ins is refused beyond a short queue; everybody else is served.
#[tokio::test]
async fn a_flood_of_sign_ins_is_bounded() -> Result<()> {
    let hospital = Hospital::builder()
        .departments(1, 0)
        .api("MEDIQUE_LOGIN_HASHES_AT_ONCE", "1")
        .api("MEDIQUE_LOGIN_HASHES_WAITING", "2")
        .start()
        .await?;
    let anonymous = hospital.anonymous()?;
    let flood = (0..60).map(|number| {
        let (anonymous, email) = (anonymous.clone(), format!("name{number}@test.example"));
        async move { anonymous.try_login(&email, WRONG).await }
    });
    let (answers, read) =
        tokio::try_join!(try_join_all(flood), hospital.admin.get("/departments"))?;
    read.expect(200)?;
    let refused: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status == 429)
        .collect();
    ensure!(!refused.is_empty(), "nobody was refused");
    for answer in &refused {
        retry_after(answer)?;
    }
    ensure!(
        answers
            .iter()
            .all(|answer| matches!(answer.status, 401 | 429))
    );
    hospital.passes().await?;
    Ok(())
}
