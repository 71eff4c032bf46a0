//! A patient with a phone: scan, intake, call, seen, all on the patient's own stream.

use super::{People, SOON};
use anyhow::{Context as _, Result, ensure};
use medique_tests::client::{Answer, Client};
use medique_tests::samples;
use medique_tests::sse::{EventStream, SseEvent};
use serde_json::json;

/// The patient of a visit that was made by link.
fn patient(people: &People, made: &Answer) -> Result<Client> {
    let token = made.body["visit_token"]
        .as_str()
        .with_context(|| format!("no visit_token: {made}"))?;
    Ok(people.hospital.anonymous()?.with_token(token))
}

fn named(name: &'static str) -> impl Fn(&SseEvent) -> bool {
    move |event| event.event == name
}

#[tokio::test]
async fn from_the_scan_to_the_consultation() -> Result<()> {
    let people = People::come().await?;
    let link = people.hospital.link(people.department.id, &[])?;
    let phone = people.hospital.anonymous()?;
    let scanned = phone
        .post("/checkin/scan", &json!({ "link_token": link }))
        .applied()
        .await?
        .expect(201)?;
    let (visit, patient) = (scanned.id("/visit_id")?, patient(&people, &scanned)?);
    let page = patient.get("/patient/visit").await?.expect(200)?;
    ensure!(
        page.body["state"] == "SCANNED" && page.body["token"].is_null(),
        "{page}"
    );

    let mut stream = EventStream::open(&patient, "/patient/visit/events", None).await?;
    let other = people.arrives("somebody else").await?;
    people
        .step(
            &patient,
            visit,
            "intake",
            &samples::intake("by phone"),
            "WAITING",
        )
        .await?;
    let mut seen = stream
        .until("the patient gets a token", SOON, named("visit_checked_in"))
        .await?;
    let token = seen.last().context("nothing")?.data["token"].clone();
    ensure!(token == "D1-002", "token {token}");
    let page = patient.get("/patient/visit").await?.expect(200)?;
    ensure!(
        page.body["token"] == token && page.body["people_ahead"] == 1,
        "{page}"
    );

    people.calls_next(0).await?;
    people
        .step(
            &people.doctor,
            other,
            "start",
            &json!({}),
            "IN_CONSULTATION",
        )
        .await?;
    people
        .step(&people.doctor, other, "complete", &json!({}), "COMPLETED")
        .await?;
    let called = people.calls_next(1).await?;
    ensure!(called.id("/visit_id")? == visit, "{called}");
    seen.extend(
        stream
            .until("the patient is called", SOON, named("visit_called"))
            .await?,
    );
    let call = seen.last().context("nothing")?;
    ensure!(call.data["room"] == "R2", "called to {:?}", call.data);
    people
        .step(
            &people.doctor,
            visit,
            "start",
            &json!({}),
            "IN_CONSULTATION",
        )
        .await?;
    people
        .step(&people.doctor, visit, "complete", &json!({}), "COMPLETED")
        .await?;
    seen.extend(
        stream
            .until("the patient was seen", SOON, named("visit_completed"))
            .await?,
    );
    for event in &seen {
        ensure!(
            event.data.to_string().contains(&visit.to_string()),
            "of another patient: {event:?}"
        );
        ensure!(
            !event.data.to_string().contains(&other.to_string()),
            "of another patient, too: {event:?}"
        );
        ensure!(
            !event.data.to_string().contains("\"level\""),
            "the patient is shown a level: {event:?}"
        );
    }
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn in_one_step_and_away_again() -> Result<()> {
    let people = People::come().await?;
    let link = people.hospital.link(people.department.id, &[])?;
    let phone = people.hospital.anonymous()?;
    let made = phone
        .post("/checkin", &samples::link_visit(&link, "one step"))
        .applied()
        .await?
        .expect(201)?;
    let (visit, patient) = (made.id("/visit_id")?, patient(&people, &made)?);
    people
        .step(
            &patient,
            visit,
            "hold",
            &json!({ "reason": "fresh air" }),
            "ON_HOLD",
        )
        .await?;
    people
        .step(&patient, visit, "resume", &json!({}), "WAITING")
        .await?;
    let other = people.arrives("somebody else").await?;
    let answer = patient
        .post(
            &format!("/visits/{other}/cancel"),
            &json!({ "reason": "mine now" }),
        )
        .outcome()
        .await?;
    ensure!(
        matches!(answer.status, 403 | 404),
        "a patient cancels somebody else's visit: {answer}"
    );
    people
        .step(&patient, visit, "leave", &json!({}), "LEFT")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

/// A single-use link works once; the same phone asking again with its key gets the same visit.
#[tokio::test]
async fn a_single_use_link_works_once() -> Result<()> {
    let people = People::come().await?;
    let link = people
        .hospital
        .link(people.department.id, &["--single-use"])?;
    let phone = people.hospital.anonymous()?;
    let first = phone
        .post("/checkin", &samples::link_visit(&link, "first"))
        .key("phone-1")
        .applied()
        .await?;
    let again = phone
        .post("/checkin", &samples::link_visit(&link, "first"))
        .key("phone-1")
        .applied()
        .await?;
    ensure!(
        again.id("/visit_id")? == first.id("/visit_id")?,
        "{first}\n{again}"
    );
    let second = phone
        .post("/checkin", &samples::link_visit(&link, "second"))
        .key("phone-2");
    second.refused(422, "link_already_used").await?;
    // also when two phones try at the same moment
    let link = people
        .hospital
        .link(people.department.id, &["--single-use"])?;
    let bodies: Vec<_> = (0..10)
        .map(|number| samples::link_visit(&link, &format!("race {number}")))
        .collect();
    let posts = bodies
        .iter()
        .map(|body| phone.post("/checkin", body).outcome());
    let answers = futures::future::try_join_all(posts).await?;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    ensure!(made == 1, "{made} visits by one link");
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn bad_links_are_refused() -> Result<()> {
    let people = People::come().await?;
    let phone = people.hospital.anonymous()?;
    let good = people.hospital.link(people.department.id, &[])?;
    let cut = good[..good.len() - 2].to_owned();
    let swapped = good.chars().rev().collect::<String>();
    for link in ["", "x", ".", &cut, &swapped, &"a".repeat(2_000)] {
        for (path, body) in [
            ("/checkin/scan", json!({ "link_token": link })),
            ("/checkin", samples::link_visit(link, "nobody")),
        ] {
            let answer = phone.post(path, &body).outcome().await?;
            ensure!(matches!(answer.status, 400 | 401), "{answer}");
            answer.is_problem()?;
        }
    }
    people.hospital.passes().await?;
    Ok(())
}

/// A scan that nobody confirms expires by itself; it used up no token.
#[tokio::test]
async fn an_unconfirmed_scan_takes_no_token() -> Result<()> {
    let people = People::come().await?;
    let link = people.hospital.link(people.department.id, &[])?;
    let phone = people.hospital.anonymous()?;
    phone
        .post("/checkin/scan", &json!({ "link_token": link }))
        .applied()
        .await?;
    let (_, arrived) = people
        .hospital
        .check_in(&people.reception, people.department.id, "next")
        .await?;
    ensure!(
        arrived.body["result"]["visit"]["token"] == "D1-001",
        "{arrived}"
    );
    people.hospital.passes().await?;
    Ok(())
}
