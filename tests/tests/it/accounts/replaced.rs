//! Passwords that are right and open nothing.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_platform::password::Hashing;
use medique_tests::Hospital;
use medique_tests::accounts::{GOOD_PASSWORD, token};
use medique_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

async fn reset(client: &Client, token: &str, password: &str) -> Result<Answer> {
    let body = json!({ "token": token, "password": password });
    client
        .ask(Method::POST, "/auth/password/reset", &body)
        .await
}

async fn sessions_of(hospital: &Hospital, staff: Uuid) -> Result<i64> {
    let query = "SELECT count(*) FROM session WHERE staff_id = $1 AND ended_at IS NULL";
    let sessions = sqlx::query_scalar(query).bind(staff);
    Ok(sessions.fetch_one(&hospital.database.pool).await?)
}

/// What was a secret when it was set need not be one today.
#[tokio::test]
async fn a_password_that_became_known_opens_nothing_until_it_is_replaced() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let list = hospital.scratch.join("breached");
    std::fs::write(&list, format!("{}\n", nurse.password.to_uppercase()))?;
    hospital.tell_apis("MEDIQUE_PASSWORD_DENY_LIST", &list.to_string_lossy());
    let strict = hospital.start_api("knows-more")?;
    hospital.apis[strict].ready().await?;
    let there = hospital.anonymous()?.at(&hospital.apis[strict].url());
    let before = sessions_of(&hospital, nurse.id).await?;
    // whoever has not got it learns nothing
    there
        .try_login(&nurse.email, &nurse.password.to_uppercase())
        .await?
        .problem(401, "invalid_credentials")?;
    there
        .try_login("nobody@test.example", &nurse.password)
        .await?
        .problem(401, "invalid_credentials")?;
    let refused = there.try_login(&nurse.email, &nurse.password).await?;
    let refused = refused.problem(403, "password_reset_required")?;
    ensure!(refused.body.get("challenge_token").is_none(), "{refused}");
    ensure!(sessions_of(&hospital, nurse.id).await? == before);
    let told = "SELECT count(*) FROM audit WHERE event_type = 'password_refused'";
    ensure!(hospital.count(told).await? == 1);
    let mail = hospital.mail(&nurse.email, "password_reset", 1).await?;
    ensure!(mail["demanded"] == true, "{mail}");
    let token = token(&mail, "reset-password")?;
    reset(&there, &token, &nurse.password)
        .await?
        .problem(422, "weak_password")?;
    reset(&there, &token, GOOD_PASSWORD).await?.expect(204)?;
    there.login(&nurse.email, GOOD_PASSWORD).await?;

    // what everybody uses needs no list; it was set when the rules were others
    let hash = Hashing::default().hash(&"Password123!".to_owned().into())?;
    sqlx::query("UPDATE staff SET password_hash = $2 WHERE id = $1")
        .bind(nurse.id)
        .bind(hash)
        .execute(&hospital.database.pool)
        .await?;
    hospital
        .anonymous()?
        .try_login(&nurse.email, "Password123!")
        .await?
        .problem(403, "password_reset_required")?;
    hospital.passes().await?;
    Ok(())
}

/// Makes an account with a password that the operator reads off the terminal.
fn generated(hospital: &Hospital, email: &str) -> Result<(Uuid, String)> {
    let facility = hospital.facility.to_string();
    let arguments = ["create-user", "--facility-id", &facility, "--role", "NURSE"];
    let more = ["--email", email, "--all-departments", "--generate-password"];
    let told = hospital
        .command_line
        .json(&[&arguments[..], &more].concat(), "")?;
    let id = told["staff_id"].as_str().context("no staff_id")?;
    let password = told["password"].as_str().context("no password")?;
    Ok((id.parse()?, password.to_owned()))
}

#[tokio::test]
async fn a_generated_password_is_good_for_being_replaced_and_not_for_long() -> Result<()> {
    let hospital = Hospital::start().await?;
    let anonymous = hospital.anonymous()?;
    let email = "ada@test.example";
    let (ada, password) = generated(&hospital, email)?;
    let refused = anonymous.try_login(email, &password).await?;
    let refused = refused.problem(401, "password_change_required")?;
    ensure!(refused.body.get("access_token").is_none(), "{refused}");
    ensure!(sessions_of(&hospital, ada).await? == 0);
    let challenge = refused.body["challenge_token"]
        .as_str()
        .context("no challenge")?;
    // it sets a password and does nothing else
    let bearer = anonymous.with_token(challenge);
    bearer
        .get("/departments")
        .await?
        .problem(401, "unauthenticated")?;
    let body = json!({ "challenge_token": challenge, "code": "000000" });
    anonymous
        .ask(Method::POST, "/auth/login/second-factor", &body)
        .await?
        .problem(401, "invalid_account_token")?;
    reset(&anonymous, challenge, "too weak")
        .await?
        .problem(422, "weak_password")?;
    reset(&anonymous, challenge, GOOD_PASSWORD)
        .await?
        .expect(204)?;
    reset(&anonymous, challenge, GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_account_token")?;
    anonymous
        .try_login(email, &password)
        .await?
        .problem(401, "invalid_credentials")?;
    anonymous.login(email, GOOD_PASSWORD).await?;

    // whoever finds the note a day later finds nothing
    let (eve, password) = generated(&hospital, "eve@test.example")?;
    let life =
        "SELECT initial_password_until - now() BETWEEN interval '23 hours' AND interval '24 hours'
                FROM staff WHERE id = $1";
    let is_a_day: bool = sqlx::query_scalar(life)
        .bind(eve)
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(is_a_day);
    sqlx::query("UPDATE staff SET initial_password_until = now() WHERE id = $1")
        .bind(eve)
        .execute(&hospital.database.pool)
        .await?;
    anonymous
        .try_login("eve@test.example", &password)
        .await?
        .problem(401, "invalid_credentials")?;
    hospital.passes().await?;
    Ok(())
}

/// The meter beside a password's field asks the policy itself.
#[tokio::test]
async fn a_meter_says_what_the_policy_says() -> Result<()> {
    let hospital = Hospital::start().await?;
    let anonymous = hospital.anonymous()?;
    let judge = |body: serde_json::Value| {
        let anonymous = anonymous.clone();
        async move {
            anonymous
                .ask(Method::POST, "/auth/password/judge", &body)
                .await
        }
    };
    let weak = judge(json!({ "password": "Password1234!" }))
        .await?
        .expect(200)?;
    ensure!(weak.body["is_accepted"] == false, "{weak}");
    ensure!(weak.body["score"].as_u64() < Some(3), "{weak}");
    ensure!(!weak.text.contains("Password1234"), "{weak}");
    let good = json!({ "password": GOOD_PASSWORD, "own": ["Ada Lovelace", "ada@test.example"] });
    let good = judge(good).await?.expect(200)?;
    ensure!(
        good.body == json!({ "score": 4, "is_accepted": true, "reasons": [] }),
        "{good}"
    );
    let own = json!({ "password": "Lovelace-1815!", "own": ["Ada Lovelace"] });
    let own = judge(own).await?.expect(200)?;
    ensure!(own.text.contains("name or e-mail address"), "{own}");
    for too_much in [vec!["x"; 5], vec![&*"x".repeat(255)]] {
        judge(json!({ "password": GOOD_PASSWORD, "own": too_much }))
            .await?
            .problem(400, "invalid_body")?;
    }
    hospital.passes().await?;
    Ok(())
}
