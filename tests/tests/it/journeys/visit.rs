//! From the desk to the end of the consultation, watched by everybody.

use super::{People, SOON, token_of};
use anyhow::{Context as _, Result, ensure};
use medique_tests::samples;
use medique_tests::sse::{EventStream, SseEvent};
use serde_json::json;
use uuid::Uuid;

const WHOLE_VISIT: [&str; 5] = [
    "visit_checked_in",
    "visit_vitals_recorded",
    "visit_called",
    "visit_started",
    "visit_completed",
];

fn names_of(events: &[SseEvent], visit: Uuid) -> Vec<&str> {
    let own = events
        .iter()
        .filter(|event| event.data["visit_id"] == visit.to_string());
    own.map(|event| event.event.as_str()).collect()
}

#[tokio::test]
async fn a_whole_visit_as_everybody_sees_it() -> Result<()> {
    let people = People::come().await?;
    let department = people.department.id;
    let staff = format!("/departments/{department}/events");
    let board = format!("/departments/{department}/board/events");
    let mut staff = EventStream::open(&people.nurse, &staff, None).await?;
    let mut board = EventStream::open(&people.display, &board, None).await?;

    let checked_in = people
        .reception
        .post("/visits", &samples::visit(department, "whole"))
        .applied()
        .await?;
    let (visit, token) = (checked_in.id("/visit_id")?, token_of(&checked_in)?);
    ensure!(
        checked_in.header("location") == Some(&format!("/api/v1/visits/{visit}")),
        "{checked_in}"
    );
    ensure!(
        checked_in.header("preference-applied").is_some(),
        "{checked_in}"
    );
    let queue = people
        .doctor
        .get(&format!("/departments/{department}/queue"))
        .await?
        .expect(200)?;
    ensure!(
        queue.text.contains(&visit.to_string()),
        "not in the queue: {queue}"
    );

    people
        .step(
            &people.nurse,
            visit,
            "vitals",
            &samples::vitals(),
            "WAITING",
        )
        .await?;
    let called = people.calls_next(0).await?;
    ensure!(
        called.id("/visit_id")? == visit,
        "somebody else was called: {called}"
    );
    let shown = people
        .display
        .get(&format!("/departments/{department}/board"))
        .await?
        .expect(200)?;
    ensure!(
        shown.text.contains(&token) && shown.text.contains("\"R1\""),
        "the board says {shown}"
    );
    people
        .step(
            &people.doctor,
            visit,
            "start",
            &json!({}),
            "IN_CONSULTATION",
        )
        .await?;
    let done = json!({ "notes": "much better", "prescription": "tea" });
    let completed = people
        .step(&people.doctor, visit, "complete", &done, "COMPLETED")
        .await?;
    ensure!(
        completed.body["result"]["visit"]["version"] == 5,
        "{completed}"
    );

    let last = |event: &SseEvent| event.event == "visit_completed";
    let seen = staff.until("staff see the visit end", SOON, last).await?;
    ensure!(
        names_of(&seen, visit) == WHOLE_VISIT,
        "staff saw {:?}",
        names_of(&seen, visit)
    );
    let versions: Vec<_> = seen
        .iter()
        .filter_map(|event| event.data["version"].as_i64())
        .collect();
    ensure!(versions.is_sorted(), "versions in the order {versions:?}");
    let removed = |event: &SseEvent| event.event == "visit_removed";
    let seen = board
        .until("the board forgets the token", SOON, removed)
        .await?;
    ensure!(
        seen.iter()
            .any(|event| event.event == "visit_called" && event.data["token"] == token),
        "{seen:?}"
    );

    let read = people
        .doctor
        .get(&format!("/visits/{visit}"))
        .await?
        .expect(200)?;
    ensure!(read.text.contains("COMPLETED"), "{read}");
    let audit = people
        .hospital
        .admin
        .get(&format!("/audit?visit_id={visit}"))
        .await?
        .expect(200)?;
    for event in WHOLE_VISIT {
        ensure!(
            audit.text.contains(event),
            "{event} is not in the audit trail: {audit}"
        );
    }
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_visit_can_be_asked_for_what_became_of_a_command() -> Result<()> {
    let people = People::come().await?;
    let accepted = people
        .reception
        .post("/visits", &samples::visit(people.department.id, "asked"))
        .accepted()
        .await?;
    let command = accepted.id("/command_id")?;
    let status_url = accepted.body["status_url"]
        .as_str()
        .context("no status_url")?
        .to_owned();
    let path = status_url
        .strip_prefix("/api/v1")
        .unwrap_or(&status_url)
        .to_owned();
    let reception = &people.reception;
    medique_tests::await_until::holds("the command is applied", SOON, || async {
        let status = reception.get(&path).await?.expect(200)?;
        ensure!(status.body["command_id"] == command.to_string(), "{status}");
        Ok(status.body["status"] == "applied")
    })
    .await?;
    reception
        .get(&format!("/commands/{}", Uuid::new_v4()))
        .await?
        .problem(404, "unknown_command")?;
    let forged = format!(
        "/commands/{}?position=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        Uuid::new_v4()
    );
    let answer = reception.get(&forged).await?;
    ensure!(matches!(answer.status, 400 | 404), "{answer}");
    people.hospital.passes().await?;
    Ok(())
}

/// Somebody else changed the visit meanwhile: nothing is overwritten.
#[tokio::test]
async fn an_outdated_view_is_a_conflict() -> Result<()> {
    let people = People::come().await?;
    let visit = people.arrives("conflict").await?;
    people
        .step(
            &people.nurse,
            visit,
            "vitals",
            &samples::vitals(),
            "WAITING",
        )
        .await?;
    let old = json!({ "expected_version": 1, "reason": "x-ray" });
    let hold = format!("/visits/{visit}/hold");
    people
        .reception
        .post(&hold, &old)
        .refused(409, "version_conflict")
        .await?;
    let fresh = json!({ "expected_version": 2, "reason": "x-ray" });
    people
        .step(&people.reception, visit, "hold", &fresh, "ON_HOLD")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

/// One live visit per patient, unless staff say that it is another one.
#[tokio::test]
async fn the_same_patient_twice_is_refused_or_meant() -> Result<()> {
    let people = People::come().await?;
    let mut body = samples::visit(people.department.id, "twin");
    let first = people.reception.post("/visits", &body).applied().await?;
    people
        .reception
        .post("/visits", &body)
        .refused(409, "already_in_queue")
        .await?;
    body["allow_duplicate"] = json!(true);
    let second = people.reception.post("/visits", &body).applied().await?;
    ensure!(
        token_of(&first)? != token_of(&second)?,
        "one token for two visits"
    );
    people.hospital.passes().await?;
    Ok(())
}

/// Whoever is worse is seen first, and is not shown as such on the board.
#[tokio::test]
async fn urgent_patients_are_called_first() -> Result<()> {
    let people = People::come().await?;
    let well = people.arrives("well").await?;
    let mut body = samples::visit(people.department.id, "ill");
    body["vitals"] = json!({
        "respiratory_rate": 32, "oxygen_saturation": 84, "on_oxygen": true, "systolic_bp": 85,
        "heart_rate": 140, "temperature_c": 39.9, "consciousness": "CONFUSION",
    });
    let ill = people.reception.post("/visits", &body).applied().await?;
    ensure!(ill.body["result"]["visit"]["state"] == "URGENT", "{ill}");
    let board = people
        .display
        .get(&format!("/departments/{}/board", people.department.id))
        .await?
        .expect(200)?;
    ensure!(
        !board.text.contains("URGENT"),
        "the board tells who is urgent: {board}"
    );
    ensure!(
        people.calls_next(0).await?.id("/visit_id")? == ill.id("/visit_id")?,
        "the well one was called first"
    );
    let cannot = format!("/visits/{}/acuity", ill.id("/visit_id")?);
    let lower = json!({ "level": 5, "reason": "looks fine to me" });
    people
        .nurse
        .post(&cannot, &lower)
        .refused(422, "below_floor")
        .await?;
    people
        .step(
            &people.nurse,
            well,
            "acuity",
            &json!({ "level": 2, "reason": "pale" }),
            "URGENT",
        )
        .await?;
    people.hospital.passes().await?;
    Ok(())
}
