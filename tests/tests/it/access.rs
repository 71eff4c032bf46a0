//! Lists, outcomes and the trail show what was granted. Every single route is in `matrix.rs`.

use anyhow::{Context as _, Result, bail, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::client::Client;
use medique_tests::hospital::Person;
use medique_tests::{Hospital, samples};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// A department with one of everything that a list may show.
struct Site {
    department: Uuid,
    visit: Uuid,
    doctor: Person,
    ids: Vec<(&'static str, Uuid)>,
}

async fn site(hospital: &Hospital, number: usize) -> Result<Site> {
    let department = &hospital.departments[number];
    let mark = format!("patient {number}");
    let (visit, _) = hospital
        .check_in(&hospital.admin, department.id, &mark)
        .await?;
    let doctor = hospital.person(Role::Doctor, &[department.id]).await?;
    let body = json!({ "department_id": department.id, "kind": "poster", "ttl_minutes": 60 });
    let link = hospital.admin.ask(Method::POST, "/links", &body).await?;
    let letter = Uuid::new_v4();
    sqlx::query(
        "INSERT INTO dead_letter (id, facility_id, partition, seq, subject, headers, payload,
                                  reason, parked_at)
         SELECT $1, $2, 0, 1000000 + count(*), $3, '{}', '{}', 'test', now() FROM dead_letter",
    )
    .bind(letter)
    .bind(hospital.facility)
    .bind(format!(
        "p.0.cmd.v1.{}.{}.check_in",
        hospital.facility, department.id
    ))
    .execute(&hospital.database.pool)
    .await?;
    let queue = if number == 0 { "own queue" } else { "queue" };
    Ok(Site {
        department: department.id,
        visit,
        ids: vec![
            (queue, visit),
            ("/rooms", department.rooms[0]),
            ("/departments", department.id),
            ("/doctors", doctor.id),
            ("/staff", doctor.id),
            ("/links", link.expect(201)?.id("/link/link_id")?),
            ("/audit", visit),
            ("/dead-letters", letter),
        ],
        doctor,
    })
}

#[tokio::test]
async fn lists_show_only_what_was_granted() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let (own, foreign) = (site(&hospital, 0).await?, site(&hospital, 1).await?);
    let admin = hospital.local(Role::Admin).await?.client;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let reception = hospital.local(Role::Reception).await?.client;
    let everywhere = &hospital.admin;
    let queue = format!("/departments/{}/queue", own.department);
    for client in [&admin, &nurse, &reception, &own.doctor.client] {
        let shown = client.get(&queue).await?.expect(200)?;
        ensure!(shown.text.contains(&own.visit.to_string()), "{shown}");
        ensure!(!shown.text.contains(&foreign.visit.to_string()), "{shown}");
    }
    for (path, id) in &own.ids[1..] {
        let shown = admin.get(path).await?.expect(200)?;
        ensure!(shown.text.contains(&id.to_string()), "own: {shown}");
        for (what, foreign) in &foreign.ids {
            ensure!(
                !shown.text.contains(&foreign.to_string()),
                "{path} shows a foreign {what}: {shown}"
            );
        }
        // who acts everywhere sees both: otherwise nothing was there to be hidden
        let shown = everywhere.get(path).await?.expect(200)?;
        let (_, id) = foreign
            .ids
            .iter()
            .find(|(what, _)| what == path)
            .context("nothing to look for")?;
        ensure!(shown.text.contains(&id.to_string()), "everywhere: {shown}");
    }
    for path in ["/departments", "/rooms", "/doctors"] {
        let shown = nurse.get(path).await?.expect(200)?;
        for (what, foreign) in &foreign.ids {
            let foreign = foreign.to_string();
            ensure!(!shown.text.contains(&foreign), "{path}: {what}: {shown}");
        }
    }
    let letter = own.ids.last().context("no letter")?.1;
    let trail = || async { everywhere.get("/audit?limit=200").await?.expect(200) };
    admin
        .get(&format!("/dead-letters/{letter}"))
        .await?
        .expect(200)?;
    let shown = trail().await?;
    ensure!(
        shown.text.contains("dead_letter_read") && shown.text.contains(&letter.to_string()),
        "a read of a whole message is not in the trail: {shown}"
    );
    hospital.done();
    Ok(())
}

/// Whoever asks for what is not theirs stands in the log, with the route and the trace of the answer.
#[tokio::test]
async fn refusals_are_logged_with_who_asked() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    nurse.client.get("/audit").await?.expect(403)?;
    let garbage = hospital.anonymous()?.with_token("garbage");
    let answer = garbage.get("/audit").await?.expect(401)?;
    let trace = answer.body["trace_id"].as_str().context("no trace_id")?;
    let log = hospital.apis[0].printed()?;
    let refused = |words: [&str; 3]| {
        log.lines().any(|line| {
            line.contains("request refused") && words.iter().all(|word| line.contains(word))
        })
    };
    let actor = format!("staff:{}", nurse.id);
    ensure!(refused([&actor, "403", "/api/v1/audit"]), "{log}");
    ensure!(refused([trace, "401", "/api/v1/audit"]), "{log}");
    hospital.done();
    Ok(())
}

/// A patient who checked in by link.
async fn patient(hospital: &Hospital, department: Uuid) -> Result<Client> {
    let link = hospital.link(department, &[])?;
    let anonymous = hospital.anonymous()?;
    let made = anonymous.post("/checkin", &samples::link_visit(&link, "own"));
    let made = made.applied().await?;
    let token = made.body["visit_token"]
        .as_str()
        .with_context(|| format!("no visit_token: {made}"))?;
    Ok(anonymous.with_token(token))
}

/// A command's fate is told to whoever gave it, and to admins.
#[tokio::test]
async fn outcomes_are_private() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let reception = &hospital.local(Role::Reception).await?.client;
    let nurse = &hospital.local(Role::Nurse).await?.client;
    let patient = &patient(&hospital, department).await?;
    let body = samples::visit(department, "private");
    let made = reception.post("/visits", &body).applied().await?;
    let path = format!("/commands/{}", made.id("/command_id")?);
    reception.get(&path).await?.expect(200)?;
    hospital.admin.get(&path).await?.expect(200)?;
    for other in [nurse, patient] {
        other.get(&path).await?.expect(404)?.is_problem()?;
    }
    // with the address of the status, too
    let accepted = reception
        .post("/visits", &samples::visit(department, "private too"))
        .accepted()
        .await?;
    let Some(status_url) = accepted.body["status_url"].as_str() else {
        bail!("no status_url: {accepted}")
    };
    let path = status_url.strip_prefix("/api/v1").unwrap_or(status_url);
    reception.get(path).await?.expect(200)?;
    nurse.get(path).await?.expect(404)?.is_problem()?;
    hospital.passes().await?;
    Ok(())
}
