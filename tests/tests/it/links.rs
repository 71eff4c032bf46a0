//! Check-in links: issued, printed, scanned, used up, revoked; and posters, which give out tickets.

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use medique_contracts::ids::{DepartmentId, FacilityId, LinkId};
use medique_contracts::vocabulary::Role;
use medique_platform::link::{Link, LinkKey};
use medique_tests::client::{Answer, Client, send};
use medique_tests::{Hospital, await_until, samples};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

async fn issue(client: &Client, department: Uuid, kind: &str) -> Result<Answer> {
    let body = json!({ "department_id": department, "kind": kind, "ttl_minutes": 60 });
    let request = client.request(Method::POST, "/api/v1/links").json(&body);
    send("POST /links", request).await
}

async fn revoke(client: &Client, link: Uuid) -> Result<Answer> {
    let request = client.request(Method::DELETE, &format!("/api/v1/links/{link}"));
    send("DELETE /links", request).await
}

fn token(issued: &Answer) -> Result<String> {
    let token = issued.body["link_token"].as_str();
    token
        .map(str::to_owned)
        .with_context(|| format!("no token: {issued}"))
}

async fn draw(phone: &Client, poster: &str, key: &str) -> Result<Answer> {
    let body = json!({ "link_token": poster });
    phone.post("/checkin/tickets", &body).key(key).send().await
}

fn ticket(drawn: &Answer) -> Result<String> {
    let ticket = drawn.body["ticket"].as_str();
    ticket
        .map(str::to_owned)
        .with_context(|| format!("no ticket: {drawn}"))
}

async fn state(hospital: &Hospital, link: Uuid) -> Result<String> {
    let list = hospital.admin.get("/links").await?.expect(200)?;
    let items = list.body["items"].as_array().context("no items")?.clone();
    let found = items
        .iter()
        .find(|item| item["link_id"] == link.to_string());
    let found = found.with_context(|| format!("{link} is not listed: {list}"))?;
    ensure!(!list.text.contains("link_token"), "the list shows tokens");
    Ok(found["state"].as_str().unwrap_or_default().to_owned())
}

async fn facts(hospital: &Hospital, kind: &str) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT count(*) FROM audit WHERE event_type = $1");
    Ok(count.bind(kind).fetch_one(&hospital.database.pool).await?)
}

#[tokio::test]
async fn a_single_use_link_is_issued_listed_used_and_audited() -> Result<()> {
    let hospital = Hospital::start().await?;
    let issued = issue(&hospital.admin, hospital.department().id, "single_use").await?;
    let issued = issued.expect(201)?;
    let (id, link) = (issued.id("/link/link_id")?, token(&issued)?);
    let url = issued.body["url"].as_str().unwrap_or_default();
    ensure!(url.ends_with(&format!("/checkin#{link}")), "{url}");
    ensure!(state(&hospital, id).await? == "active");
    ensure!(facts(&hospital, "link_created").await? == 1);
    let phone = hospital.anonymous()?;
    let body = samples::link_visit(&link, "one");
    let made = phone
        .post("/checkin", &body)
        .key("k")
        .applied()
        .await?
        .expect(201)?;
    let again = phone.post("/checkin", &body).key("k").applied().await?;
    ensure!(again.id("/visit_id")? == made.id("/visit_id")?, "{again}");
    ensure!(state(&hospital, id).await? == "used");
    let other = samples::link_visit(&link, "two");
    phone
        .post("/checkin", &other)
        .refused(422, "link_already_used")
        .await?;
    hospital.passes().await?;
    Ok(())
}

/// A replay, of any part or of all of it, makes no second visit.
#[tokio::test]
async fn a_poster_gives_out_tickets_and_a_replay_creates_nothing_new() -> Result<()> {
    let hospital = Hospital::start().await?;
    let issued = issue(&hospital.admin, hospital.department().id, "poster").await?;
    let poster = token(&issued.expect(201)?)?;
    let phone = hospital.anonymous()?;
    for (path, body) in [
        ("/checkin", samples::link_visit(&poster, "nobody")),
        ("/checkin/scan", json!({ "link_token": poster })),
    ] {
        phone
            .post(path, &body)
            .refused(422, "ticket_required")
            .await?;
    }
    let first = ticket(&draw(&phone, &poster, "nonce-1").await?.expect(200)?)?;
    let visit = samples::link_visit(&first, "one");
    let made = phone
        .post("/checkin", &visit)
        .key("k")
        .applied()
        .await?
        .expect(201)?;
    // the same check-in, and another with the same ticket
    let replay = phone.post("/checkin", &visit).key("k").applied().await?;
    ensure!(replay.id("/visit_id")? == made.id("/visit_id")?, "{replay}");
    let other = samples::link_visit(&first, "two");
    phone
        .post("/checkin", &other)
        .refused(422, "link_already_used")
        .await?;
    // the whole conversation from the scan on
    let redrawn = ticket(&draw(&phone, &poster, "nonce-1").await?.expect(200)?)?;
    let other = samples::link_visit(&redrawn, "three");
    phone
        .post("/checkin", &other)
        .refused(422, "link_already_used")
        .await?;
    // a ticket is no poster
    let again = ticket(&draw(&phone, &redrawn, "nonce-9").await?.expect(200)?)?;
    ensure!(again == redrawn, "a ticket gives out tickets");
    // the next phone
    let second = ticket(&draw(&phone, &poster, "nonce-2").await?.expect(200)?)?;
    let scanned = json!({ "link_token": second });
    phone
        .post("/checkin/scan", &scanned)
        .applied()
        .await?
        .expect(201)?;
    let visits: i64 = sqlx::query_scalar("SELECT count(*) FROM visit")
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(visits == 2, "{visits} visits");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_revoked_poster_is_dead_on_every_replica_within_seconds() -> Result<()> {
    let hospital = Hospital::builder().apis(2).start().await?;
    let issued = issue(&hospital.admin, hospital.department().id, "poster").await?;
    let (id, poster) = (issued.id("/link/link_id")?, token(&issued)?);
    let here = hospital.anonymous()?;
    let there = here.at(&hospital.apis[1].url());
    let drawn = ticket(&draw(&there, &poster, "before").await?.expect(200)?)?;
    revoke(&hospital.admin, id).await?.expect(204)?;
    revoke(&hospital.admin, id).await?.expect(204)?;
    ensure!(
        facts(&hospital, "link_revoked").await? == 1,
        "revoked twice"
    );
    ensure!(state(&hospital, id).await? == "revoked");
    draw(&here, &poster, "x")
        .await?
        .problem(422, "link_revoked")?;
    await_until::holds(
        "the other replica knows",
        Duration::from_secs(6),
        || async { Ok(draw(&there, &poster, "x").await?.status == 422) },
    )
    .await?;
    // a ticket that was drawn before goes with its poster
    let body = samples::link_visit(&drawn, "late");
    there
        .post("/checkin", &body)
        .refused(422, "link_revoked")
        .await?;
    for drawing in ["svg", "png"] {
        let path = format!("/links/{id}/poster.{drawing}");
        hospital
            .admin
            .get(&path)
            .await?
            .problem(422, "link_revoked")?;
    }
    hospital.passes().await?;
    Ok(())
}

/// A replica that has not heard yet accepts; the worker, which decides, reads the truth.
#[tokio::test]
async fn the_worker_refuses_what_a_replica_let_in_too_late() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let issued = issue(&hospital.admin, hospital.department().id, "single_use").await?;
    let (id, link) = (issued.id("/link/link_id")?, token(&issued)?);
    hospital.workers[0].process().stop()?;
    let phone = hospital.anonymous()?;
    let body = samples::link_visit(&link, "late");
    phone.post("/checkin", &body).key("late").accepted().await?;
    sqlx::query(
        "UPDATE check_in_link SET revoked_at = now() - interval '1 minute', revoked_by = 'test'
         WHERE id = $1",
    )
    .bind(id)
    .execute(&hospital.database.pool)
    .await?;
    hospital.workers[0].process().cont()?;
    let visits = "SELECT count(*) FROM inbox WHERE outcome::text LIKE '%link_revoked%'";
    await_until::holds("the worker refuses", Duration::from_secs(20), || async {
        let refused: i64 = sqlx::query_scalar(visits)
            .fetch_one(&hospital.database.pool)
            .await?;
        Ok(refused == 1)
    })
    .await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn what_we_never_signed_is_401_and_what_is_dead_says_why() -> Result<()> {
    let hospital = Hospital::start().await?;
    let phone = hospital.anonymous()?;
    let key = LinkKey::new(hospital.secrets.link_secret.as_bytes());
    let forged = LinkKey::new(b"another secret of at least thirty-two bytes");
    let mut link = Link {
        link_id: LinkId(Uuid::now_v7()),
        facility_id: FacilityId(hospital.facility),
        department_id: DepartmentId(hospital.department().id),
        doctor_id: None,
        single_use: false,
        is_poster: false,
        drawn_from: None,
        expires_at: medique_platform::clock::now() + TimeDelta::hours(1),
    };
    let good = key.sign(&link)?;
    let (payload, signature) = good.split_once('.').context("two parts")?;
    let garbage = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "not.a-link".to_owned(),
        format!("{payload}."),
        format!(".{signature}"),
        format!("{payload}.{signature}.x"),
        format!("{payload}\u{0}.{signature}"),
        format!("{payload}.{}", &signature[..22]),
        format!("{payload}.{signature}="),
        "\u{1F980}".repeat(200),
        "a".repeat(60_000),
        forged.sign(&link)?,
    ];
    for link in &garbage {
        for (path, body) in [
            ("/checkin", samples::link_visit(link, "nobody")),
            ("/checkin/scan", json!({ "link_token": link })),
            ("/checkin/tickets", json!({ "link_token": link })),
        ] {
            let answer = phone.post(path, &body).send().await?;
            answer.problem(401, "invalid_link")?;
        }
    }
    link.expires_at = medique_platform::clock::now() - TimeDelta::seconds(1);
    let dead = key.sign(&link)?;
    let body = samples::link_visit(&dead, "nobody");
    phone
        .post("/checkin", &body)
        .refused(422, "link_expired")
        .await?;
    draw(&phone, &dead, "k")
        .await?
        .problem(422, "link_expired")?;
    hospital.passes().await?;
    Ok(())
}

/// The desk hangs up posters where it works; what hangs there is taken down by administrators.
#[tokio::test]
async fn the_desk_prints_posters_of_its_departments() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let (here, there) = (hospital.departments[0].id, hospital.departments[1].id);
    let desk = hospital.local(Role::Reception).await?.client;
    let own = issue(&desk, here, "poster").await?.expect(201)?;
    let own = own.id("/link/link_id")?;
    issue(&desk, there, "poster")
        .await?
        .problem(403, "forbidden")?;
    let foreign = issue(&hospital.admin, there, "poster").await?.expect(201)?;
    let foreign = foreign.id("/link/link_id")?;
    let list = desk.get("/links").await?.expect(200)?;
    ensure!(
        list.text.contains(&own.to_string()) && !list.text.contains(&foreign.to_string()),
        "{list}"
    );
    for (link, status) in [(own, 200), (foreign, 404)] {
        let drawn = desk.get(&format!("/links/{link}/poster.svg")).await?;
        drawn.expect(status)?;
    }
    revoke(&desk, own).await?.problem(403, "forbidden")?;
    ensure!(state(&hospital, own).await? == "active", "taken down");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn links_belong_to_the_departments_of_their_admin() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let (here, there) = (hospital.departments[0].id, hospital.departments[1].id);
    let local = hospital.local(Role::Admin).await?.client;
    issue(&local, here, "poster").await?.expect(201)?;
    issue(&local, there, "poster")
        .await?
        .problem(403, "forbidden")?;
    issue(&local, Uuid::now_v7(), "poster")
        .await?
        .problem(403, "forbidden")?;
    let foreign = issue(&hospital.admin, there, "poster").await?.expect(201)?;
    let id = foreign.id("/link/link_id")?;
    let list = local.get("/links").await?.expect(200)?;
    ensure!(!list.text.contains(&id.to_string()), "{list}");
    revoke(&local, id).await?.expect(404)?;
    local
        .get(&format!("/links/{id}/poster.svg"))
        .await?
        .expect(404)?;
    for role in [Role::Nurse, Role::Doctor, Role::Display] {
        let client = hospital.local(role).await?.client;
        issue(&client, here, "poster")
            .await?
            .problem(403, "forbidden")?;
        client.get("/links").await?.problem(403, "forbidden")?;
        revoke(&client, id).await?.problem(403, "forbidden")?;
    }
    let doctor = json!({
        "department_id": here, "kind": "poster", "ttl_minutes": 60, "doctor_id": Uuid::now_v7(),
    });
    for (body, status, code) in [
        (doctor, 404, "unknown_doctor"),
        (
            json!({ "department_id": here, "kind": "poster", "ttl_minutes": 0 }),
            400,
            "invalid_field",
        ),
        (
            json!({ "department_id": here, "kind": "kiosk", "ttl_minutes": 1 }),
            400,
            "invalid_body",
        ),
    ] {
        let request = hospital
            .admin
            .request(Method::POST, "/api/v1/links")
            .json(&body);
        send("POST /links", request).await?.problem(status, code)?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_poster_is_a_picture_that_names_the_department() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let named = "UPDATE department SET settings = jsonb_set(settings, '{name}', $2) WHERE id = $1";
    sqlx::query(named)
        .bind(department)
        .bind(json!("Eyes & <Ears>"))
        .execute(&hospital.database.pool)
        .await?;
    let issued = issue(&hospital.admin, department, "poster")
        .await?
        .expect(201)?;
    let id = issued.id("/link/link_id")?;
    let svg = hospital
        .admin
        .get(&format!("/links/{id}/poster.svg"))
        .await?
        .expect(200)?;
    ensure!(
        svg.header("content-type") == Some("image/svg+xml"),
        "{:?}",
        svg.headers
    );
    ensure!(
        svg.text.contains("Eyes &amp; &lt;Ears&gt;") && svg.text.contains("<path"),
        "{svg}"
    );
    let path = format!("/api/v1/links/{id}/poster.png");
    let png = hospital.admin.request(Method::GET, &path).send().await?;
    ensure!(png.headers()["content-type"] == "image/png");
    ensure!(png.headers()["cache-control"] == "no-store");
    let bytes = png.bytes().await?;
    ensure!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 1000);
    hospital.passes().await?;
    Ok(())
}
