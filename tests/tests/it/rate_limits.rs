//! Rate limits: who pays, what a refusal says, and that a waiting room full of phones gets in.

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use medique_contracts::vocabulary::Role;
use medique_tests::client::{Answer, Client, send};
use medique_tests::{Hospital, samples};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Asks until refused; how often it was not, and the refusal.
async fn exhaust(client: &Client, path: &str, most: usize) -> Result<(usize, Answer)> {
    for served in 0..most {
        let answer = client.get(path).await?;
        if answer.status == 429 {
            return Ok((served, answer));
        }
    }
    anyhow::bail!("{path}: {most} requests were served")
}

fn number_after(text: &str, name: &str) -> Option<u32> {
    let (_, rest) = text.split_once(&format!(";{name}="))?;
    let digits = rest.split(';').next()?;
    digits.parse().ok()
}

#[tokio::test]
async fn an_account_pays_for_itself_whatever_token_it_shows() -> Result<()> {
    const BURST: u32 = 40;
    let hospital = Hospital::builder().rate("STAFF", BURST).start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let first = nurse.client.get("/departments").await?.expect(200)?;
    let policy = first.header("ratelimit-policy").unwrap_or_default();
    ensure!(
        policy == format!("\"staff\";q={BURST};w={}", BURST * 60),
        "{policy}"
    );
    let standing = first.header("ratelimit").unwrap_or_default();
    ensure!(standing.starts_with("\"staff\";r="), "{standing}");
    ensure!(number_after(standing, "r") == Some(BURST - 1), "{standing}");

    let (served, refused) = exhaust(&nurse.client, "/departments", 100).await?;
    ensure!(served == BURST as usize - 1, "{served} more were served");
    let refused = refused.problem(429, "too_many_requests")?;
    let wait = refused
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    let wait: u32 = wait.context("no Retry-After")?;
    ensure!((1..=60).contains(&wait), "come back after {wait} s");
    let standing = refused.header("ratelimit").unwrap_or_default();
    ensure!(number_after(standing, "r") == Some(0), "{standing}");
    ensure!(number_after(standing, "t") == Some(wait), "{standing}");

    // a second token is the same account; somebody else is not
    let again = hospital
        .anonymous()?
        .login(&nurse.email, &nurse.password)
        .await?;
    again.get("/departments").await?.expect(429)?;
    let doctor = hospital.local(Role::Doctor).await?;
    doctor.client.get("/departments").await?.expect(200)?;
    // and errors tell the standing, too
    let missing = doctor
        .client
        .get(&format!("/visits/{}", Uuid::nil()))
        .await?;
    ensure!(
        missing.status == 404 && missing.header("ratelimit").is_some(),
        "{missing}"
    );
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn health_is_never_limited() -> Result<()> {
    let hospital = Hospital::builder().rate("ADDRESS", 20).start().await?;
    let anonymous = hospital.anonymous()?;
    exhaust(&anonymous, "/departments", 100).await?;
    for _ in 0..300 {
        for path in [
            "/health/live",
            "/health/ready",
            "/health/startup",
            "/api/health",
        ] {
            let answer = anonymous.get_root(path).await?.expect(200)?;
            ensure!(answer.header("ratelimit").is_none(), "{path} is counted");
        }
    }
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn strangers_pay_by_address_and_staff_behind_it_go_on() -> Result<()> {
    let hospital = Hospital::builder().rate("ADDRESS", 60).start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    // a token that is none pays like no token; the header of a stranger is not believed
    let mut refused = None;
    for number in 0..100 {
        let request = anonymous
            .with_token("garbage")
            .request(Method::GET, "/api/v1/departments")
            .header("X-Forwarded-For", format!("192.0.2.{number}"))
            .header("Forwarded", format!("for=192.0.2.{number}"));
        let answer = send("garbage", request).await?;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.problem(401, "unauthenticated")?;
    }
    refused
        .context("never refused")?
        .problem(429, "too_many_requests")?;
    let body = json!({ "email": nurse.email, "password": "guess" });
    let request = anonymous
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    send("login", request)
        .await?
        .problem(429, "too_many_requests")?;
    // guessing is not free for who is signed in
    let body = json!({ "email": nurse.email, "password": "guess" });
    let request = nurse
        .client
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    send("login", request)
        .await?
        .problem(429, "too_many_requests")?;
    for _ in 0..100 {
        nurse.client.get("/departments").await?.expect(200)?;
    }
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn behind_a_trusted_proxy_clients_are_told_apart() -> Result<()> {
    let hospital = Hospital::builder()
        .rate("ADDRESS", 40)
        .api("MEDIQUE_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")
        .start()
        .await?;
    let anonymous = hospital.anonymous()?;
    let ask = async |chain: &str| -> Result<u16> {
        let request = anonymous
            .request(Method::GET, "/api/v1/departments")
            .header("X-Forwarded-For", chain);
        Ok(send(chain, request).await?.status)
    };
    let mut served = 0;
    while ask("203.0.113.1, 10.1.1.1").await? != 429 {
        served += 1;
        ensure!(served <= 40, "never refused");
    }
    // what stands left of the client was written by the client
    ensure!(
        ask("192.0.2.77, 203.0.113.1").await? == 429,
        "a forged hop is believed"
    );
    ensure!(ask("203.0.113.2").await? == 401, "a neighbour pays");
    hospital.done();
    Ok(())
}

/// 300 phones in one waiting room, behind one address, with one poster, with limits as they are
/// when nobody sets them.
#[tokio::test]
async fn a_waiting_room_full_of_phones_checks_in() -> Result<()> {
    const PHONES: usize = 300;
    let hospital = Hospital::builder().usual_rates().start().await?;
    let poster = hospital.link(hospital.department().id, &["--poster"])?;
    let phone = hospital.anonymous()?;
    let one = async |number: usize| -> Result<String> {
        let drawn = phone
            .post("/checkin/tickets", &json!({ "link_token": poster }))
            .send()
            .await?
            .expect(200)?;
        let ticket = drawn.body["ticket"]
            .as_str()
            .context("no ticket")?
            .to_owned();
        let body = samples::link_visit(&ticket, &format!("phone {number}"));
        let made = phone.post("/checkin", &body).outcome().await?.expect(201)?;
        let token = made.body["visit_token"]
            .as_str()
            .context("no visit token")?;
        let patient = phone.with_token(token);
        patient.get("/patient/visit").await?.expect(200)?;
        Ok(token.to_owned())
    };
    let mut tokens = Vec::new();
    for group in 0..PHONES / 50 {
        tokens.extend(try_join_all((0..50).map(|n| one(group * 50 + n))).await?);
    }
    ensure!(tokens.len() == PHONES);
    // one phone that does not stop is stopped, and its neighbours are not
    let busy = phone.with_token(&tokens[0]);
    let (served, refused) = exhaust(&busy, "/patient/visit", 500).await?;
    ensure!(served < 200, "{served} requests of one phone");
    refused.problem(429, "too_many_requests")?;
    let neighbour = phone.with_token(&tokens[1]);
    neighbour.get("/patient/visit").await?.expect(200)?;
    hospital.passes().await?;
    Ok(())
}

/// A photographed poster that is passed around yields no more than the poster's own budget.
#[tokio::test]
async fn a_poster_gives_out_only_so_many_tickets() -> Result<()> {
    let hospital = Hospital::builder().rate("POSTER", 5).start().await?;
    let link = |flags: &[&str]| hospital.link(hospital.department().id, flags);
    let (poster, other) = (link(&["--poster"])?, link(&["--poster"])?);
    let phone = hospital.anonymous()?;
    let draw = |poster: &str| phone.post("/checkin/tickets", &json!({ "link_token": poster }));
    for _ in 0..5 {
        draw(&poster).send().await?.expect(200)?;
    }
    let refused = draw(&poster)
        .send()
        .await?
        .problem(429, "too_many_requests")?;
    let policy = refused.header("ratelimit-policy").unwrap_or_default();
    ensure!(policy.starts_with("\"poster\";q=5"), "{policy}");
    ensure!(refused.header("retry-after").is_some(), "{refused}");
    draw(&other).send().await?.expect(200)?;
    hospital.done();
    Ok(())
}
