//! Whatever is wrong with a credential, the answer is a 401 problem, never a 500.

use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::client::Client;
use medique_tests::{Hospital, forgery, samples, secrets};
use serde_json::{Value, json};

/// Claims with some members replaced; `null` removes one.
fn with(claims: &Value, changes: &Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().into_iter().flatten() {
        if let Some(object) = claims.as_object_mut() {
            match value {
                Value::Null => drop(object.remove(name)),
                value => drop(object.insert(name.clone(), value.clone())),
            }
        }
    }
    claims
}

fn forged(hospital: &Hospital, genuine: &str) -> Result<Vec<(String, String)>> {
    let key = &hospital.secrets.jwt_signing_key;
    let claims = forgery::claims(genuine)?;
    let parts: Vec<&str> = genuine.split('.').collect();
    let signature = parts[2];
    let mut tokens: Vec<(String, String)> = vec![
        ("nothing".into(), String::new()),
        ("garbage".into(), "garbage".into()),
        ("dots".into(), "..".into()),
        ("a long one".into(), "a".repeat(6000)),
        ("three parts of garbage".into(), "!!!.???.***".into()),
        ("only the claims".into(), parts[1].into()),
        (
            "without its signature".into(),
            format!("{}.{}.", parts[0], parts[1]),
        ),
        (
            "without its last character".into(),
            genuine[..genuine.len() - 1].into(),
        ),
        (
            "another key".into(),
            forgery::sign(&claims, &secrets::ed25519_pem())?,
        ),
        (
            "alg none".into(),
            forgery::unsigned(&json!({"alg": "none", "typ": "JWT"}), &claims, "")?,
        ),
        (
            "alg NONE".into(),
            forgery::unsigned(&json!({"alg": "NONE"}), &claims, signature)?,
        ),
        (
            "HMAC with the private key".into(),
            forgery::sign_with_hmac(&claims, key.as_bytes())?,
        ),
        (
            "HMAC with nothing".into(),
            forgery::sign_with_hmac(&claims, b"")?,
        ),
    ];
    for (what, changes) in [
        ("expired", json!({ "exp": 1_700_000_000 })),
        ("without expiry", json!({ "exp": null })),
        ("expiry as text", json!({ "exp": "tomorrow" })),
        ("an absurd expiry", json!({ "exp": 1e300 })),
        ("another audience", json!({ "aud": "somebody-else" })),
        ("without audience", json!({ "aud": null })),
        ("another issuer", json!({ "iss": "somebody-else" })),
        ("without subject", json!({ "sub": null })),
        ("a subject that is no id", json!({ "sub": "root" })),
        ("an unknown role", json!({ "role": "SUPERUSER" })),
        ("the role of a patient", json!({ "role": "PATIENT" })),
        ("without a role", json!({ "role": null })),
        ("claims of another shape", json!({ "departments": 7 })),
    ] {
        tokens.push((what.into(), forgery::sign(&with(&claims, &changes), key)?));
    }
    Ok(tokens)
}

async fn is_refused(client: &Client, what: &str, department: uuid::Uuid) -> Result<()> {
    let board = format!("/departments/{department}/board");
    let reads = [
        "/departments",
        "/audit",
        "/patient/visit",
        "/patient/visit/events",
        &board,
    ];
    for path in reads {
        let answer = client.get(path).await?;
        ensure!(answer.status == 401, "{what}: {answer}");
        answer.clone().problem(401, "unauthenticated")?;
        ensure!(
            answer.header("www-authenticate").is_some(),
            "{what}: no WWW-Authenticate: {answer}"
        );
    }
    let body = samples::visit(department, "nobody");
    client
        .post("/visits", &body)
        .send()
        .await?
        .problem(401, "unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn bad_credentials_are_401() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let anonymous = hospital.anonymous()?;
    is_refused(&anonymous, "no credential", department).await?;
    for (what, token) in forged(&hospital, hospital.admin.token()?)? {
        is_refused(&anonymous.with_token(token), &what, department).await?;
    }
    // a genuine token under another scheme, and twice
    let genuine = hospital.admin.token()?;
    for header in [
        format!("Basic {genuine}"),
        genuine.to_owned(),
        format!("Bearer {genuine} {genuine}"),
        "Bearer".into(),
    ] {
        let request = anonymous
            .request(reqwest::Method::GET, "/api/v1/departments")
            .header("Authorization", &header);
        medique_tests::client::send(&header, request)
            .await?
            .problem(401, "unauthenticated")?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_visit_token_cannot_stand_for_staff_whatever_it_claims() -> Result<()> {
    let hospital = Hospital::start().await?;
    let claims = forgery::claims(hospital.admin.token()?)?;
    let key = &hospital.secrets.jwt_signing_key;
    let patient = forgery::sign(&with(&claims, &json!({ "aud": "medique-visit" })), key)?;
    let patient = hospital.anonymous()?.with_token(patient);
    let department = hospital.department().id;
    for path in [
        "/audit".to_owned(),
        format!("/departments/{department}/queue"),
    ] {
        let answer = patient.get(&path).await?;
        ensure!(matches!(answer.status, 403 | 404), "{answer}");
        answer.is_problem()?;
    }
    let answer = patient
        .post("/visits", &samples::visit(department, "nobody"))
        .outcome()
        .await?;
    ensure!(matches!(answer.status, 403 | 404), "{answer}");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn signing_in_tells_nothing_and_needs_the_password() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    for (email, password) in [
        (nurse.email.as_str(), "not the password at all"),
        ("nobody@test.example", nurse.password.as_str()),
        ("", ""),
        ("'; DROP TABLE staff; --", "x"),
    ] {
        let body = json!({ "email": email, "password": password });
        let request = anonymous
            .request(reqwest::Method::POST, "/api/v1/auth/login")
            .json(&body);
        let answer = medique_tests::client::send("login", request).await?;
        ensure!(matches!(answer.status, 400 | 401), "{email}: {answer}");
        answer.is_problem()?;
    }
    // upper and lower case are the same account
    anonymous
        .login(&nurse.email.to_uppercase(), &nurse.password)
        .await?;
    sqlx::query("UPDATE staff SET disabled_at = now() WHERE id = $1")
        .bind(nurse.id)
        .execute(&hospital.database.pool)
        .await?;
    ensure!(
        anonymous
            .login(&nurse.email, &nurse.password)
            .await
            .is_err(),
        "a disabled account signs in"
    );
    hospital.passes().await?;
    Ok(())
}
