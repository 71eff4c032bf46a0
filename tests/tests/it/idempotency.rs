//! One key, one effect: at the same time, after a restart of the broker, after its memory.

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use medique_contracts::vocabulary::Role;
use medique_tests::client::{Answer, Client};
use medique_tests::{Hospital, await_until, samples, smuggle};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

const POSTS: usize = 50;
const KEY: &str = "one intent";

/// One visit, one token, and a refusal for another body under the same key.
async fn still_one(hospital: &Hospital, first: &Answer, key: &str, body: &Value) -> Result<()> {
    let again = hospital
        .admin
        .post("/visits", body)
        .key(key)
        .outcome()
        .await?;
    ensure!(
        same_outcome(first) == same_outcome(&again),
        "first {first}\nagain {again}"
    );
    ensure!(
        again.header("idempotency-replayed") == Some("true"),
        "not marked as replayed: {again}"
    );

    let other = samples::visit(hospital.department().id, "somebody else");
    hospital
        .admin
        .post("/visits", &other)
        .key(key)
        .send()
        .await?
        .problem(422, "idempotency_key_reused")?;
    hospital
        .admin
        .post("/visits", &other)
        .key(key)
        .wait(10)
        .send()
        .await?
        .problem(422, "idempotency_key_reused")?;

    let report = hospital.check().await?;
    ensure!(
        report.evidence.visits.len() == 1,
        "{} visits",
        report.evidence.visits.len()
    );
    let tokens: Vec<_> = report
        .evidence
        .visits
        .values()
        .map(|visit| visit.token_number)
        .collect();
    ensure!(tokens == [Some(1)], "tokens {tokens:?}");
    Ok(())
}

/// What must be equal in every answer to one intent.
fn same_outcome(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.body.clone())
}

fn key() -> String {
    format!("{}-{}", KEY.replace(' ', "-"), Uuid::new_v4())
}

#[tokio::test]
async fn fifty_simultaneous_posts_are_one_visit() -> Result<()> {
    let hospital = Hospital::builder().apis(2).start().await?;
    let (key, body) = (key(), samples::visit(hospital.department().id, "the one"));
    let replicas: Vec<Client> = hospital
        .apis
        .iter()
        .map(|api| hospital.admin.at(&api.url()))
        .collect();
    let posts = replicas
        .iter()
        .cycle()
        .take(POSTS)
        .map(|client| client.post("/visits", &body).key(&key).outcome());
    let answers = try_join_all(posts).await?;

    let first = answers.first().context("no answer")?;
    ensure!(first.status == 201, "{first}");
    for answer in &answers {
        ensure!(
            same_outcome(answer) == same_outcome(first),
            "two outcomes:\n{first}\n{answer}"
        );
    }
    let fresh = answers
        .iter()
        .filter(|answer| answer.header("idempotency-replayed").is_none())
        .count();
    ensure!(fresh == 1, "{fresh} answers are not marked as replayed");
    still_one(&hospital, first, &key, &body).await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn fifty_simultaneous_posts_without_waiting_name_one_command() -> Result<()> {
    let hospital = Hospital::start().await?;
    let (key, body) = (key(), samples::visit(hospital.department().id, "the one"));
    let posts = (0..POSTS).map(|_| hospital.admin.post("/visits", &body).key(&key).accepted());
    let answers = try_join_all(posts).await?;
    let first = answers.first().context("no answer")?;
    let location = first.header("location").context("no Location")?;
    ensure!(
        location == format!("/api/v1/commands/{}", first.id("/command_id")?),
        "Location {location}"
    );
    for answer in &answers {
        // the status URL also says when this very answer was given
        let same = ["command_id", "visit_id", "status"]
            .iter()
            .all(|name| answer.body[name] == first.body[name]);
        ensure!(
            same && answer.header("location") == Some(location),
            "{first}\n{answer}"
        );
    }
    let outcome = hospital
        .admin
        .post("/visits", &body)
        .key(&key)
        .outcome()
        .await?;
    still_one(&hospital, &outcome, &key, &body).await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_key_survives_a_crash_of_the_broker() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let (key, body) = (key(), samples::visit(hospital.department().id, "the one"));
    let first = hospital
        .admin
        .post("/visits", &body)
        .key(&key)
        .applied()
        .await?;
    hospital.nats.kill9()?;
    hospital.nats.restart(&hospital.scratch).await?;
    hospital.all_ready().await?;
    still_one(&hospital, &first, &key, &body).await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_key_survives_the_brokers_memory() -> Result<()> {
    const WINDOW: u64 = 1;
    let hospital = Hospital::builder()
        .both("MEDIQUE_DUPLICATE_WINDOW_S", &WINDOW.to_string())
        .start()
        .await?;
    let (key, body) = (key(), samples::visit(hospital.department().id, "the one"));
    let first = hospital
        .admin
        .post("/visits", &body)
        .key(&key)
        .applied()
        .await?;
    // the broker forgets between one and two windows after it stored the id
    await_until::interval_passes(Duration::from_secs(3 * WINDOW)).await;
    still_one(&hospital, &first, &key, &body).await?;

    // a refusal is remembered as well as an effect
    let refused_body = serde_json::json!({ "reason": "no such visit" });
    let path = format!("/visits/{}/cancel", Uuid::new_v4());
    let refused = hospital
        .admin
        .post(&path, &refused_body)
        .key(&key)
        .outcome()
        .await?;
    ensure!(refused.status == 404, "{refused}");
    hospital.passes().await?;
    Ok(())
}

/// The last line of defence: the same command is in the stream several times, in one batch and
/// later, whatever the broker and the api should have known.
#[tokio::test]
async fn a_command_that_is_stored_twice_takes_effect_once() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let message = smuggle::check_in(&hospital, Role::Reception, "stored twice");
    hospital.workers[0].process().stop()?;
    for _ in 0..3 {
        smuggle::put_message(&hospital, &message).await?;
    }
    hospital.workers[0].process().cont()?;
    hospital.check().await?;
    smuggle::put_message(&hospital, &message).await?;
    let report = hospital.passes().await?;
    let stored = report.evidence.commands_with("stored twice").len();
    ensure!(
        stored == 4,
        "stored {stored} times: the test proves nothing"
    );
    let visits = report.evidence.visits.len();
    ensure!(visits == 1, "{visits} visits");
    Ok(())
}

#[tokio::test]
async fn the_same_key_of_another_person_or_operation_is_another_intent() -> Result<()> {
    let hospital = Hospital::start().await?;
    let key = key();
    let other = hospital.local(Role::Reception).await?;
    let department = hospital.department().id;
    let first = hospital
        .admin
        .post("/visits", &samples::visit(department, "one"))
        .key(&key)
        .applied()
        .await?;
    let second = other
        .client
        .post("/visits", &samples::visit(department, "two"))
        .key(&key)
        .applied()
        .await?;
    ensure!(
        first.id("/command_id")? != second.id("/command_id")?,
        "one command for two people"
    );
    let path = format!("/visits/{}/cancel", first.id("/visit_id")?);
    let body = serde_json::json!({ "reason": "went home" });
    hospital
        .admin
        .post(&path, &body)
        .key(&key)
        .applied()
        .await?;
    ensure!(hospital.passes().await?.evidence.visits.len() == 2);
    Ok(())
}

#[tokio::test]
async fn a_command_without_a_usable_key_is_refused() -> Result<()> {
    let hospital = Hospital::start().await?;
    let body = samples::visit(hospital.department().id, "nobody");
    let request = hospital
        .admin
        .request(reqwest::Method::POST, "/api/v1/visits")
        .json(&body);
    let answer = medique_tests::client::send("POST without a key", request).await?;
    answer.problem(400, "idempotency_key_required")?;
    let too_long = "k".repeat(129);
    for key in ["", " ", "with space", &too_long] {
        let answer = hospital
            .admin
            .post("/visits", &body)
            .key(key)
            .send()
            .await?;
        ensure!(answer.status == 400, "key {key:?}: {answer}");
        answer.is_problem()?;
    }
    ensure!(hospital.passes().await?.evidence.visits.is_empty());
    Ok(())
}
